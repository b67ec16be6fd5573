import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Timeout")
struct TimeoutTests {
    @Test("S41: on expiry the operation is cancelled and its end awaited; S2: the error says which limit and how long")
    func expiry() throws {
        let world = VirtualTime()
        let pipeline = try Pipeline("p", timeSource: world.timeSource) { try Timeout("total", after: .milliseconds(100)) }
        try world.run {
            await #expect(throws: TimeoutError(policy: "total", scope: .total, after: .milliseconds(100))) {
                try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(5)) }
            }
            #expect(world.now() == Instant(nanoseconds: 100_000_000))
        }
    }

    @Test("S40: the nearest deadline wins and travels in the call", arguments: [(800, 200, 200), (100, 200, 100)])
    func nearest(total: Int, attempt: Int, expected: Int) throws {
        let world = VirtualTime()
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("total", after: .milliseconds(total))
            try Timeout("attempt", after: .milliseconds(attempt))
        }
        let remaining = try world.run { try await pipeline.run { call in call.remaining } }
        #expect(remaining == .milliseconds(expected))
    }

    @Test("S40: a caller without time left is refused before any work")
    func noTimeLeft() throws {
        let world = VirtualTime(start: Instant(nanoseconds: 1000))
        let pipeline = Pipeline("p", [], timeSource: world.timeSource)
        #expect { try world.run { try await pipeline.run(deadline: Instant(nanoseconds: 1000)) { _ in Issue.record("ran") } } } throws: {
            ($0 as? Rejection)?.reason == .deadlinePassed
        }
    }

    @Test("S40: a call whose permit comes at its deadline is refused before any work")
    func permitAtDeadline() throws {
        let world = VirtualTime()
        let quota = RateLimiter("quota", try .perSecond(1, burst: 1, maxWait: .seconds(5), maxQueued: 5), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(quota)], timeSource: world.timeSource)
        try world.run {
            try await quota.run {}
            await #expect {
                try await pipeline.run(deadline: world.now() + .seconds(1)) { _ in Issue.record("ran") }
            } throws: {
                ($0 as? Rejection)?.reason == .deadlinePassed
            }
        }
    }

    @Test("S42: a value that comes together with the expiry is a value")
    func togetherWithExpiry() throws {
        let world = VirtualTime()
        let pipeline = try Pipeline("p", timeSource: world.timeSource) { try Timeout(after: .milliseconds(100)) }
        let value = try world.run {
            try await pipeline.run { _ in
                try? await world.timeSource.sleep(for: .seconds(1))
                return 7
            }
        }
        #expect(value == 7)
    }

    @Test("S44: a nested pipeline learns the enclosing deadline and only ever shortens it")
    func nested() throws {
        let world = VirtualTime()
        let outer = try Pipeline("outer", timeSource: world.timeSource) { try Timeout(after: .milliseconds(100)) }
        let inner = try Pipeline("inner", timeSource: world.timeSource) { try Timeout(after: .seconds(10)) }
        let remaining = try world.run { try await outer.run { _ in try await inner.run { $0.remaining } } }
        #expect(remaining == .milliseconds(100))
    }

    @Test("S44: a nested pipeline learns the deadline of an operation that honours its deadline itself, too")
    func nestedByOperation() throws {
        let world = VirtualTime()
        let outer = try Pipeline("outer", timeSource: world.timeSource) { try Timeout(after: .milliseconds(100)) }
        let inner = Pipeline("inner", [], timeSource: world.timeSource)
        let remaining = try world.run {
            try await outer.run(enforcement: .byOperation) { _ in try await inner.run { $0.remaining } }
        }
        #expect(remaining == .milliseconds(100))
    }

    @Test("S1: a caller that goes away is no timeout")
    func callerCancels() throws {
        let world = VirtualTime()
        let pipeline = try Pipeline("p", timeSource: world.timeSource) { try Timeout(after: .milliseconds(100)) }
        try world.run {
            let task = Task(executorPreference: world) {
                try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(5)) }
            }
            try await world.timeSource.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("On the system's clock, many timed operations that wait or not all end with their value")
    func systemClock() async throws {
        let pipeline = try Pipeline("p") { try Timeout(after: .seconds(60)) }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                group.addTask {
                    var sum = 0
                    for turn in 0..<500 {
                        sum += try await pipeline.run { _ in
                            if (turn + number) % 2 == 0 { await Task.yield() }
                            return 1
                        }
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 4000)
    }

    @Test("On the system's clock, a hanging operation is ended by its timeout")
    func systemClockExpiry() async throws {
        // Over at once: what is tried is that the system's timers fire, not how long they take.
        let pipeline = try Pipeline("p") { try Timeout(after: .nanoseconds(1)) }
        await #expect(throws: TimeoutError.self) {
            try await pipeline.run { _ in try await TimeSource.system.sleep(until: .distantFuture) }
        }
    }
}
