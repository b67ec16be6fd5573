import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Timeout: leaving operations behind, limits per call, idle streams")
struct AbandoningTimeoutTests {
    private static func pipeline(_ world: VirtualTime, _ gates: any Gate...) throws -> (Pipeline, Timeout) {
        let timeout = Timeout("t", try .init(after: .milliseconds(100), onExpiry: .abandon), timeSource: world.timeSource)
        return (Pipeline("p", [.timeout(timeout)] + gates.map { .gate($0) }, timeSource: world.timeSource), timeout)
    }

    /// Ends when it wants to, cancelled or not.
    private static func stubborn(_ world: VirtualTime, _ duration: Duration) async throws {
        let shot = OneShot()
        _ = world.timeSource.schedule(at: world.now() + duration) { shot.finish(.success(())) }
        try await shot.value()
    }

    @Test("S41, S53: the caller gets its error at the expiry; the operation is counted, and its permits come back when it really ends")
    func leftBehind() throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker("b", .init(window: .count(10)), timeSource: world.timeSource)
        let (pipeline, timeout) = try Self.pipeline(world, breaker)
        try world.run {
            await #expect(throws: TimeoutError(policy: "t", scope: .total, after: .milliseconds(100))) {
                try await pipeline.runAbandonable({ _ in try await Self.stubborn(world, .seconds(1)) })
            }
            #expect(world.now() == Instant(nanoseconds: 100_000_000))
            #expect(timeout.counters.abandoned == 1)
            #expect(timeout.counters.timedOut == 1)
            #expect(breaker.counters.succeeded + breaker.counters.failed == 0)
            try await world.timeSource.sleep(for: .seconds(2))
            #expect(timeout.counters.abandoned == 0)
            // It ended in the end, and well: too late to be a timeout for its gate, and no failure either (S42).
            #expect(breaker.counters.succeeded + breaker.counters.failed == 1)
        }
    }

    @Test("S41: by default the end of the cancelled operation is awaited, whatever the policy says, if it cannot be left behind")
    func waits() throws {
        let world = VirtualTime()
        let (pipeline, timeout) = try Self.pipeline(world)
        try world.run {
            try await pipeline.run { _ in try await Self.stubborn(world, .seconds(1)) }
            #expect(world.now() == Instant(nanoseconds: 1_000_000_000))
        }
        #expect(timeout.counters.abandoned == 0)
    }

    @Test("S42: what ends in time answers, and nothing is left behind")
    func inTime() throws {
        let world = VirtualTime()
        let (pipeline, timeout) = try Self.pipeline(world)
        #expect(
            try world.run {
                try await pipeline.runAbandonable({ _ in
                    try await world.timeSource.sleep(for: .milliseconds(99))
                    return 7
                })
            } == 7)
        #expect(timeout.counters == PolicyCounters())
    }

    @Test("S1, S41: a caller that goes away is answered at once, and what it leaves behind is counted until it ends")
    func callerLeaves() throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker("b", .init(window: .count(10)), timeSource: world.timeSource)
        let (pipeline, timeout) = try Self.pipeline(world, breaker)
        try world.run {
            let call = Task(executorPreference: world) {
                try await pipeline.runAbandonable({ _ in
                    try await Self.stubborn(world, .seconds(1))
                    try Task.checkCancellation()
                })
            }
            try await world.timeSource.sleep(for: .milliseconds(50))
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(world.now() == Instant(nanoseconds: 50_000_000))
            #expect(timeout.counters.abandoned == 1)
            try await world.timeSource.sleep(for: .seconds(2))
            #expect(timeout.counters.abandoned == 0)
        }
    }

    @Test("A limit computed per call counts if it is shorter")
    func perCall() throws {
        let world = VirtualTime()
        let limit = Locked(Duration.milliseconds(50))
        let timeout = Timeout("t", try .init(after: .milliseconds(100)), timeSource: world.timeSource, perCall: { limit.withLock { $0 } })
        let pipeline = Pipeline("p", [.timeout(timeout)], timeSource: world.timeSource)
        for (perCall, expected) in [(50, 50), (500, 100), (-1, 0)] {
            limit.withLock { $0 = .milliseconds(perCall) }
            #expect(
                try world.run { () async throws -> Int64 in
                    let start = world.now()
                    _ = try? await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(1)) }
                    return start.duration(to: world.now()).nanoseconds / 1_000_000
                } == Int64(expected))
        }
    }

    @Test("An adaptive limit follows the measured quantile, between its minimum and the fixed limit")
    func adaptive() throws {
        let world = VirtualTime()
        let timeout = Timeout(
            "t",
            try .init(
                after: .seconds(1), adaptive: .init(quantile: 0.9, factor: 2, minimum: .milliseconds(30), minimumSamples: 20)),
            timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.timeout(timeout)], timeSource: world.timeSource)
        #expect(timeout.limit == .seconds(1))
        try world.run {
            for _ in 0..<20 { try await pipeline.run { _ in try await world.timeSource.sleep(for: .milliseconds(50)) } }
        }
        // The tracker is exact to a few percent.
        #expect((.milliseconds(95) ... .milliseconds(107)).contains(timeout.limit))
        try world.run {
            for _ in 0..<2000 { try await pipeline.run { _ in try await world.timeSource.sleep(for: .milliseconds(1)) } }
        }
        #expect(timeout.limit == .milliseconds(30))
    }

    @Test("S43: a stream silent for too long is ended, however long it has been going on; one that talks is not")
    func idle() throws {
        let world = VirtualTime()
        let timeout = Timeout("t", try .init(after: .seconds(60), idle: .seconds(1)), timeSource: world.timeSource)
        let ended = Locked<Instant?>(nil)
        try world.run {
            let watch = try #require(IdleWatch(timeout) { ended.withLock { $0 = world.now() } })
            for _ in 0..<10 {
                try await world.timeSource.sleep(for: .milliseconds(900))
                watch.noteActivity()
            }
            #expect(watch.error == nil)
            try await world.timeSource.sleep(for: .seconds(5))
            #expect(watch.error == TimeoutError(policy: "t", scope: .idle, after: .seconds(1)))
        }
        #expect(ended.withLock { $0 } == Instant(nanoseconds: 10_000_000_000))
        #expect(timeout.counters.timedOut == 1)

        let stopped = Locked(false)
        try world.run {
            let watch = try #require(IdleWatch(timeout) { stopped.withLock { $0 = true } })
            watch.stop()
            try await world.timeSource.sleep(for: .seconds(5))
            #expect(watch.error == nil)
        }
        #expect(!stopped.withLock { $0 })
    }

    @Test(
        "Settings outside their ranges are refused with the field's name",
        arguments: [
            ("after", .zero, nil, nil),
            ("idle", .seconds(1), .seconds(-1), nil),
            ("adaptive.quantile", .seconds(1), nil, .init(quantile: .nan)),
            ("adaptive.quantile", .seconds(1), nil, .init(quantile: 1)),
            ("adaptive.factor", .seconds(1), nil, .init(factor: 0.5)),
            ("adaptive.minimum", .seconds(1), nil, .init(minimum: .seconds(2))),
            ("adaptive.minimumSamples", .seconds(1), nil, .init(minimumSamples: 0)),
        ] as [(String, Duration, Duration?, Timeout.Configuration.Adaptive?)])
    func badSettings(field: String, after: Duration, idle: Duration?, adaptive: Timeout.Configuration.Adaptive?) {
        #expect {
            try Timeout.Configuration(after: after, idle: idle, adaptive: adaptive)
        } throws: {
            ($0 as? ConfigurationError)?.field == field
        }
    }
}
