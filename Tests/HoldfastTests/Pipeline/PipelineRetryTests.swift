import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline: retries")
struct PipelineRetryTests {
    private struct Down: StatusError {
        var code = StatusCode.unavailable
        var retryAfter: Duration?
        var isUnprocessed = false
    }

    /// Counts calls from any task, and says what each one does.
    private final class Script: Sendable {
        private let made = Locked<[Int64]>([])
        private let world: VirtualTime
        private let failures: Int
        private let error: any Error & Sendable

        init(_ world: VirtualTime, failures: Int, error: any Error & Sendable = Down()) {
            self.world = world
            self.failures = failures
            self.error = error
        }

        /// When each attempt started, in milliseconds.
        var starts: [Int64] { made.withLock { $0 } }

        func attempt(taking time: Duration = .zero) async throws -> Int {
            let count = made.withLock { made in
                made.append(world.now().nanoseconds / 1_000_000)
                return made.count
            }
            if time > .zero { try await world.timeSource.sleep(for: time) }
            if count <= failures { throw error }
            return count
        }
    }

    private static func retry(
        _ world: VirtualTime, maxAttempts: Int = 3, delay: Duration = .milliseconds(100), budget: RetryBudget.Configuration? = nil,
        name: String = "retry", on: FailureSelector = Retry.Configuration.standardFailures
    ) throws -> Retry {
        let configuration = try Retry.Configuration(
            maxAttempts: maxAttempts, backoff: Backoff(.constant(delay: delay), jitter: .none), on: on, budget: budget)
        return Retry(name, configuration, timeSource: world.timeSource)
    }

    @Test("S60, S61: a failure is tried again after its backoff, until it succeeds or the attempts are used up", arguments: [0, 1, 2, 3])
    func attempts(failures: Int) throws {
        let world = VirtualTime()
        let retry = try Self.retry(world)
        let pipeline = Pipeline("p", [.retry(retry)], timeSource: world.timeSource)
        let script = Script(world, failures: failures)
        let result = try world.run { () async -> Result<Int, any Error> in
            do { return .success(try await pipeline.run { _ in try await script.attempt() }) } catch { return .failure(error) }
        }
        #expect(script.starts == Array([0, 100, 200].prefix(failures + 1)))
        #expect((try? result.get()) == (failures < 3 ? failures + 1 : nil))
        #expect(retry.counters.retried == min(failures, 2))
    }

    @Test("The operation is told which attempt it is, and every attempt has its own attempt timeout")
    func attemptNumberAndDeadline() throws {
        let world = VirtualTime()
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("total", after: .seconds(1), timeSource: world.timeSource)
            try Self.retry(world)
            try Timeout("attempt", after: .milliseconds(300), timeSource: world.timeSource)
        }
        let seen = Locked<[(attempt: Int, deadline: Int64)]>([])
        try world.run {
            await #expect(throws: TimeoutError(policy: "total", scope: .total, after: .seconds(1))) {
                try await pipeline.run { call in
                    seen.withLock { $0.append((call.attempt, call.deadline!.nanoseconds / 1_000_000)) }
                    try await world.timeSource.sleep(for: .seconds(60))
                }
            }
        }
        let calls = seen.withLock { $0 }
        #expect(calls.map(\.attempt) == [1, 2, 3])
        // The third starts at 800, and the total ends it at 1000.
        #expect(calls.map(\.deadline) == [300, 700, 1000])
    }

    @Test("Gates inside a retry are asked at every attempt and settled after each; gates outside once")
    func gates() throws {
        let world = VirtualTime()
        let outer = try CircuitBreaker("outer", .init(window: .count(10)), timeSource: world.timeSource)
        let inner = try CircuitBreaker("inner", .init(window: .count(10)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(outer), .retry(try Self.retry(world)), .gate(inner)], timeSource: world.timeSource)
        let script = Script(world, failures: 2)
        #expect(try world.run { try await pipeline.run { _ in try await script.attempt() } } == 3)
        #expect(outer.snapshot().calls == 1)
        #expect(outer.snapshot().failed == 0)
        #expect(inner.snapshot().calls == 3)
        #expect(inner.snapshot().failed == 2)
    }

    @Test("S60: what a policy further in refuses is not retried, unless told so")
    func rejections() throws {
        let world = VirtualTime()
        let limiter = RateLimiter("quota", try .perSecond(1, burst: 1), timeSource: world.timeSource)
        let told = FailureSelector(codes: [.unavailable], origins: [.rejected])
        for (on, reached) in [(Retry.Configuration.standardFailures, false), (told, true)] {
            let world = world
            let pipeline = Pipeline("p", [.retry(try Self.retry(world, on: on)), .gate(limiter)], timeSource: world.timeSource)
            let answered = try world.run { () async -> Bool in
                _ = try? await pipeline.run { _ in }
                return (try? await pipeline.run { _ in }) != nil
            }
            #expect(answered == reached)
        }
    }

    @Test("S60: a call that is not idempotent is not tried again once the service may have seen it", arguments: [true, false])
    func idempotency(isIdempotent: Bool) throws {
        let world = VirtualTime()
        let pipeline = Pipeline("p", [.retry(try Self.retry(world))], timeSource: world.timeSource)
        let script = Script(world, failures: 1)
        let answered = try world.run { () async -> Bool in
            (try? await pipeline.run(attributes: CallAttributes(isIdempotent: isIdempotent)) { _ in try await script.attempt() }) != nil
        }
        #expect(answered == isIdempotent)
    }

    @Test("S64: an attempt that never reached the service is sent again once, at once, at no cost to attempts")
    func transparent() throws {
        let world = VirtualTime()
        let pipeline = Pipeline("p", [.retry(try Self.retry(world, maxAttempts: 1))], timeSource: world.timeSource)
        let script = Script(world, failures: 1, error: Down(isUnprocessed: true))
        let attributes = CallAttributes(isIdempotent: false)
        #expect(try world.run { try await pipeline.run(attributes: attributes) { _ in try await script.attempt() } } == 2)
        #expect(script.starts == [0, 0])
    }

    @Test("S60: no attempt is made, and no time waited, that would end after the deadline")
    func deadline() throws {
        let world = VirtualTime()
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("total", after: .milliseconds(200), timeSource: world.timeSource)
            try Self.retry(world)
        }
        let script = Script(world, failures: 9)
        try world.run {
            await #expect(throws: Down.self) { try await pipeline.run { _ in try await script.attempt(taking: .milliseconds(100)) } }
            #expect(world.now() == Instant(nanoseconds: 100_000_000))
        }
        #expect(script.starts == [0])
    }

    @Test("S63: nested retries do not multiply, in one pipeline or in two")
    func nesting() throws {
        let world = VirtualTime()
        let script = Script(world, failures: 100)
        let one = Pipeline(
            "one", [.retry(try Self.retry(world, name: "outer")), .retry(try Self.retry(world, name: "inner"))],
            timeSource: world.timeSource)
        try world.run { _ = try? await one.run { _ in try await script.attempt() } }
        // The outer's three, and what the inner still does on the last of them, when the outer will act no more.
        #expect(script.starts.count == 5)

        let second = Script(world, failures: 100)
        let outer = Pipeline("outer", [.retry(try Self.retry(world))], timeSource: world.timeSource)
        let inner = Pipeline("inner", [.retry(try Self.retry(world))], timeSource: world.timeSource)
        try world.run { _ = try? await outer.run { _ in try await inner.run { _ in try await second.attempt() } } }
        #expect(second.starts.count == 5)
    }

    @Test("S63: an inner retry acts when the failure is none that the outer would try again")
    func nestingOtherFailure() throws {
        let world = VirtualTime()
        let outer = Pipeline("outer", [.retry(try Self.retry(world))], timeSource: world.timeSource)
        let selector = FailureSelector(codes: [.aborted])
        let inner = Pipeline("inner", [.retry(try Self.retry(world, on: selector))], timeSource: world.timeSource)
        let script = Script(world, failures: 2, error: Down(code: .aborted))
        #expect(try world.run { try await outer.run { _ in try await inner.run { _ in try await script.attempt() } } } == 3)
    }

    @Test("S60, S1: a caller that goes away during the backoff ends the call at once, and no attempt follows")
    func cancelledInBackoff() throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker("outer", .init(window: .count(10)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(breaker), .retry(try Self.retry(world, delay: .seconds(10)))], timeSource: world.timeSource)
        let script = Script(world, failures: 9)
        try world.run {
            let call = Task(executorPreference: world) { try await pipeline.run { _ in try await script.attempt() } }
            try await world.timeSource.sleep(for: .seconds(1))
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(world.now() == Instant(nanoseconds: 1_000_000_000))
        }
        #expect(script.starts == [0])
        #expect(breaker.snapshot().calls == 0)
        #expect(breaker.counters.cancelled == 1)
    }

    @Test("A value that will not do is a failure: it is tried again, breakers count it, and it is what the call ends with")
    func unacceptable() throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker("b", .init(window: .count(10)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.retry(try Self.retry(world)), .gate(breaker)], timeSource: world.timeSource)
        let script = Script(world, failures: 0)
        #expect(try world.run { try await pipeline.run(unacceptable: { $0 < 3 }) { _ in try await script.attempt() } } == 3)
        #expect(breaker.snapshot().failed == 2)
        try world.run {
            await #expect { try await pipeline.run(unacceptable: { $0 < 100 }) { _ in try await script.attempt() } } throws: {
                ($0 as? UnacceptableValue)?.value as? Int == 6
            }
        }
    }

    @Test("S62: retries of all calls together draw on one budget")
    func budget() throws {
        let world = VirtualTime()
        let retry = try Self.retry(
            world, delay: .milliseconds(1), budget: .init(.share(ratio: 0.1, minimumPerSecond: 0, window: .seconds(10))))
        let pipeline = Pipeline("p", [.retry(retry)], timeSource: world.timeSource)
        let script = Script(world, failures: 10_000)
        try world.run {
            for _ in 0..<100 { _ = try? await pipeline.run { _ in try await script.attempt() } }
        }
        #expect(script.starts.count == 110)
    }
}

@Suite("Pipeline: many stages")
struct LongPipelineTests {
    @Test("A pipeline may have any number of stages of any kind, again and again", arguments: [1, 3, 4, 5, 9, 20])
    func manyStages(count: Int) throws {
        let world = VirtualTime()
        let breakers = try (0..<count).map { try CircuitBreaker("b\($0)", .init(window: .count(10)), timeSource: world.timeSource) }
        var stages: [Pipeline.Stage] = [
            .retry(
                Retry("r", try .init(maxAttempts: 2, backoff: .constant(.zero, jitter: .none), budget: nil), timeSource: world.timeSource))
        ]
        for breaker in breakers {
            stages.append(.timeout(try Timeout(after: .seconds(1), timeSource: world.timeSource)))
            stages.append(.gate(breaker))
        }
        let pipeline = Pipeline("long", stages, timeSource: world.timeSource)
        let calls = Locked(0)
        try world.run {
            let answer = try await pipeline.run(unacceptable: { $0 == 1 }) { _ in
                calls.withLock {
                    $0 += 1; return $0
                }
            }
            #expect(answer == 2)
        }
        for breaker in breakers {
            #expect(breaker.snapshot().calls == 2)
            #expect(breaker.snapshot().failed == 1)
        }
    }
}
