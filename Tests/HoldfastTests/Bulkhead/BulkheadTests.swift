import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Bulkhead")
struct BulkheadTests {
    private static func bulkhead(
        _ world: VirtualTime, maxConcurrent: Int = 1, maxQueued: Int = 10, maxWait: Duration = .seconds(1),
        order: Bulkhead.Configuration.Order = .fifo
    ) throws -> Bulkhead {
        Bulkhead(
            "cell", try .init(maxConcurrent: maxConcurrent, maxQueued: maxQueued, maxWait: maxWait, order: order),
            timeSource: world.timeSource)
    }

    @Test("S5, S53: it admits so many at once, refuses the next and says who and why; a permit that comes back is there again")
    func limit() throws {
        let bulkhead = Bulkhead("cell", try .init(maxConcurrent: 2))
        let first = try bulkhead.admit()
        do {
            let second = try bulkhead.admit()
            #expect((bulkhead.running, bulkhead.available) == (2, 0))
            #expect(throws: Rejection(policy: "cell", kind: .bulkhead, reason: .full)) { _ = try bulkhead.admit() }
            second.settle(.failed(CancellationError()))
        }
        #expect((bulkhead.running, bulkhead.available) == (1, 1))
        first.settle(.succeeded)
        #expect((bulkhead.running, bulkhead.available, bulkhead.queued) == (0, 2, 0))
        #expect((bulkhead.counters.admitted, bulkhead.counters.rejected) == (2, 1))
    }

    @Test("S53: the permit of an operation that ignores its cancellation comes back when that ends, not before")
    func heldByTheWork() throws {
        let world = VirtualTime()
        let bulkhead = try Self.bulkhead(world, maxQueued: 0)
        try world.run {
            let call = Task(executorPreference: world) {
                try await bulkhead.run {
                    let until = world.now() + .seconds(1)
                    await Task(executorPreference: world) { try? await world.timeSource.sleep(until: until) }.value
                }
            }
            await Task.yield()
            call.cancel()
            try await world.timeSource.sleep(for: .milliseconds(500))
            #expect(bulkhead.running == 1)
            _ = await call.result
            #expect(bulkhead.running == 0)
        }
    }

    @Test("S51: those that wait are let in first in first out, one for each that leaves")
    func order() throws {
        let world = VirtualTime()
        let bulkhead = try Self.bulkhead(world)
        let starts = try world.run {
            try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await bulkhead.run {
                            let start = world.now().nanoseconds / 1_000_000
                            try await world.timeSource.sleep(for: .milliseconds(100))
                            return (number, start)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        #expect(starts == [0, 100, 200, 300])
        #expect((bulkhead.running, bulkhead.queued) == (0, 0))
    }

    @Test("S50: who waits longer than it may, or than its deadline, is refused then; one that leaves makes room in the queue")
    func waitedTooLong() throws {
        let world = VirtualTime()
        let bulkhead = try Self.bulkhead(world, maxQueued: 2)
        try world.run {
            let permit = try bulkhead.admit()
            let long = Task(executorPreference: world) { try await bulkhead.waitForPermit(Attempt(world.timeSource)) }
            let short = Task(executorPreference: world) {
                try await bulkhead.waitForPermit(Attempt(world.timeSource, deadline: Instant(nanoseconds: 300_000_000)))
            }
            await Task.yield()
            #expect(throws: Rejection.self) { _ = try bulkhead.admit() }
            await #expect(throws: Rejection(policy: "cell", kind: .bulkhead, reason: .queueFull)) { try await bulkhead.run {} }
            await #expect(throws: Rejection(policy: "cell", kind: .bulkhead, reason: .waitedTooLong)) { try await short.value }
            #expect(world.now().nanoseconds / 1_000_000 == 300)
            #expect(bulkhead.queued == 1)
            await #expect(throws: Rejection(policy: "cell", kind: .bulkhead, reason: .waitedTooLong)) { try await long.value }
            #expect(world.now().nanoseconds / 1_000_000 == 1000)
            permit.settle(.succeeded)
            #expect((bulkhead.available, bulkhead.queued) == (1, 0))
        }
    }

    @Test("S51: a caller that goes away before, while it waits, at its grant and while it runs leaves nothing behind")
    func cancellation() throws {
        let world = VirtualTime()
        let bulkhead = try Self.bulkhead(world)
        try world.run {
            func call() -> Task<Int64, any Error> {
                Task(executorPreference: world) {
                    try await bulkhead.run {
                        let start = world.now().nanoseconds / 1_000_000
                        try await world.timeSource.sleep(for: .milliseconds(100))
                        return start
                    }
                }
            }
            let running = call()
            await Task.yield()
            let before = call()
            before.cancel()
            await #expect(throws: CancellationError.self) { try await before.value }
            let waiting = call()
            let behind = call()
            await Task.yield()
            #expect(bulkhead.queued == 2)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(bulkhead.queued == 1)
            // While it runs: the next one is let in at once.
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            #expect(try await behind.value == 0)
            // At the grant: the permit is given, and the cancellation comes before the waiter has gone on.
            let permit = try bulkhead.admit()
            let granted = call()
            await Task.yield()
            permit.settle(.succeeded)
            granted.cancel()
            await #expect(throws: CancellationError.self) { try await granted.value }
            #expect((bulkhead.running, bulkhead.queued, bulkhead.available) == (0, 0, 1))
        }
    }

    @Test("S54: a larger limit lets waiting calls in at once; a smaller one drops none that runs, and holds from the next on")
    func resize() throws {
        let world = VirtualTime()
        let bulkhead = try Self.bulkhead(world, maxConcurrent: 3)
        try world.run {
            let calls = (0..<5).map { _ in
                Task(executorPreference: world) { try await bulkhead.run { try await world.timeSource.sleep(for: .milliseconds(100)) } }
            }
            await Task.yield()
            #expect((bulkhead.running, bulkhead.queued) == (3, 2))
            bulkhead.reconfigure(try .init(maxConcurrent: 4, maxQueued: 10, maxWait: .seconds(1)))
            #expect((bulkhead.running, bulkhead.queued) == (4, 1))
            bulkhead.reconfigure(try .init(maxConcurrent: 1, maxQueued: 10, maxWait: .seconds(1)))
            #expect((bulkhead.running, bulkhead.queued, bulkhead.available) == (4, 1, 0))
            for call in calls { try await call.value }
            // The fifth was let in only when the last of the four had left.
            #expect(world.now().nanoseconds / 1_000_000 == 200)
            #expect(bulkhead.available == 1)
        }
    }

    @Test("S22: a listener hears refusals and new settings in order")
    func events() async throws {
        let bulkhead = Bulkhead("cell", try .init(maxConcurrent: 1))
        let events = bulkhead.events()
        let permit = try bulkhead.admit()
        #expect(throws: Rejection.self) { _ = try bulkhead.admit() }
        bulkhead.reconfigure(try .init(maxConcurrent: 2))
        permit.settle(.succeeded)
        events.finish()
        var heard: [String] = []
        for await event in events { heard.append("\(event.decision)".prefix(while: { $0 != "(" }).description) }
        #expect(heard == ["rejected", "reconfigured"])
    }
}
