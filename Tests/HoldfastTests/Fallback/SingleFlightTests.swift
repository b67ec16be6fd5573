import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Single flight")
struct SingleFlightTests {
    private static func join(
        _ flights: SingleFlight<String, Int>, _ world: VirtualTime, _ operation: @escaping @Sendable () async throws -> Int
    ) async -> Task<Int, any Error> {
        let task = Task(executorPreference: world) { try await flights.run("a", operation) }
        await Task.yield()
        return task
    }

    @Test("S33: who comes while a flight is under way shares its result; who comes after starts anew")
    func shares() throws {
        let world = VirtualTime()
        let flights = SingleFlight<String, Int>(timeSource: world.timeSource)
        let runs = Counted()
        try world.run { () async throws in
            for round in 1...3 {
                let waiters = await [0, 1, 2].asyncMap { _ in
                    await Self.join(flights, world) {
                        runs.add(1)
                        try await world.timeSource.sleep(for: .seconds(1))
                        return runs.value
                    }
                }
                #expect(flights.count == 1)
                for waiter in waiters { #expect(try await waiter.value == round) }
                #expect(flights.count == 0)
            }
        }
        #expect(world.now() == Instant(nanoseconds: 3_000_000_000))
    }

    @Test("S33: an error is shared too")
    func errors() throws {
        let world = VirtualTime()
        let flights = SingleFlight<String, Int>(timeSource: world.timeSource)
        try world.run { () async throws in
            let waiters = await [0, 1].asyncMap { _ in
                await Self.join(flights, world) {
                    try await world.timeSource.sleep(for: .seconds(1))
                    throw Coded(code: .unavailable)
                }
            }
            for waiter in waiters { await #expect(throws: Coded.self) { try await waiter.value } }
            await #expect(throws: Coded.self) { try await flights.run("a") { throw Coded(code: .unavailable) } }
        }
        #expect(flights.count == 0)
    }

    @Test("S33: a waiter that leaves does not end the flight, whoever started it; the last one to leave does", arguments: [0, 1])
    func leaving(first: Int) throws {
        let world = VirtualTime()
        let flights = SingleFlight<String, Int>(timeSource: world.timeSource)
        let cancelled = Counted()
        try world.run { () async throws in
            let waiters = await [0, 1].asyncMap { _ in
                await Self.join(flights, world) {
                    do { try await world.timeSource.sleep(for: .seconds(1)) } catch {
                        cancelled.add(1)
                        throw error
                    }
                    return 1
                }
            }
            waiters[first].cancel()
            await #expect(throws: CancellationError.self) { try await waiters[first].value }
            #expect(world.now() == Instant(nanoseconds: 0) && cancelled.value == 0)
            waiters[1 - first].cancel()
            await #expect(throws: CancellationError.self) { try await waiters[1 - first].value }
            await Task.yield()
            #expect(cancelled.value == 1 && flights.count == 0)
            #expect(try await flights.run("a") { 2 } == 2)
        }
    }

    @Test("S33, S44: the work belongs to no caller: it sees neither a caller's deadline nor its cancellation")
    func belongsToNobody() throws {
        let world = VirtualTime()
        let flights = SingleFlight<String, Bool>(timeSource: world.timeSource)
        let scope = EnclosingCall(limit: world.now(), attempt: 1)
        try world.run { () async throws in
            let isFree = try await Call.$enclosing.withValue(scope) { try await flights.run("a") { Call.enclosing == EnclosingCall() } }
            #expect(isFree)
            let gone = Task(executorPreference: world) {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await flights.run("a") {
                    Issue.record("a caller that is gone starts nothing")
                    return true
                }
            }
            await #expect(throws: CancellationError.self) { try await gone.value }
        }
    }

    @Test("S33: 64 tasks with random cancellation on a few keys: everybody gets a result of their own key, no flight is left")
    func concurrency() async {
        let flights = SingleFlight<Int, Int>()
        await withTaskGroup { group in
            for seed in 0..<64 {
                group.addTask {
                    var random = SplitMix64State(seed: UInt64(seed))
                    for _ in 0..<50 {
                        let (key, steps) = (Int(random.next() % 4), random.next() % 10)
                        let waiter = Task {
                            try await flights.run(key) {
                                for _ in 0..<steps {
                                    await Task.yield()
                                    try Task.checkCancellation()
                                }
                                return key
                            }
                        }
                        for _ in 0..<random.next() % 10 { await Task.yield() }
                        let leaves = random.next() % 3 == 0
                        if leaves { waiter.cancel() }
                        switch await waiter.result {
                        case .success(let value): if value != key { Issue.record("seed \(seed): \(value) for \(key)") }
                        case .failure: if !leaves { Issue.record("seed \(seed): cut off by somebody else's cancellation") }
                        }
                    }
                }
            }
        }
        // A flight that everybody left is forgotten at once.
        #expect(flights.count == 0)
    }
}

extension Array {
    /// Calls `body` for one element after the other.
    fileprivate func asyncMap<Result>(_ body: (Element) async -> Result) async -> [Result] {
        var results: [Result] = []
        for element in self { results.append(await body(element)) }
        return results
    }
}
