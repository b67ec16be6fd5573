import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Retry: calls")
struct RetryTests {
    private static func retry(
        _ world: VirtualTime, maxAttempts: Int = 3, budget: RetryBudget.Configuration? = nil, shared: RetryBudget? = nil
    ) throws -> Retry {
        let backoff = try Backoff.exponential(base: .milliseconds(100), max: .seconds(10), jitter: .none)
        return Retry(
            "retry", try .init(maxAttempts: maxAttempts, backoff: backoff, budget: budget), budget: shared, timeSource: world.timeSource)
    }

    /// An operation that fails so many times and notes when it was called.
    private final class Service: Sendable {
        let times = Locked<[Int64]>([])
        private let world: VirtualTime
        private let failures: Int
        private let error: any Error

        init(_ world: VirtualTime, failing failures: Int, _ error: any Error = RetryTestError()) {
            self.world = world
            self.failures = failures
            self.error = error
        }

        func call() throws -> String {
            let count = times.withLock { times in
                times.append(world.now().nanoseconds / 1_000_000)
                return times.count
            }
            if count <= failures { throw error }
            return "answer"
        }
    }

    @Test("S61: attempts follow each other after the backoff's waits, until one succeeds")
    func waits() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, maxAttempts: 4)
        let service = Service(world, failing: 3)
        let answer = try world.run { try await retry.loop { _ in try service.call() } }
        #expect(answer == "answer")
        #expect(service.times.withLock { $0 } == [0, 100, 300, 700])
        #expect(retry.counters.retried == 3)
    }

    @Test("S61: the last attempt's failure goes to the caller, and attempts are numbered from 1")
    func attempts() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world)
        let numbers = Numbers()
        try world.run {
            await #expect(throws: RetryTestError(retryAfter: .milliseconds(3))) {
                try await retry.loop { attempt in
                    numbers.append(attempt)
                    throw RetryTestError(retryAfter: .milliseconds(Int64(attempt)))
                }
            }
        }
        #expect(numbers.all == [1, 2, 3])
    }

    private final class Numbers: Sendable {
        private let numbers = Locked<[Int]>([])
        var all: [Int] { numbers.withLock { $0 } }
        func append(_ number: Int) { numbers.withLock { $0.append(number) } }
    }

    @Test("S60: a deadline too near stops at once, without waiting")
    func deadline() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, maxAttempts: 10)
        let service = Service(world, failing: 10)
        try world.run {
            await #expect(throws: RetryTestError.self) {
                try await retry.loop(deadline: Instant(nanoseconds: 700_000_000)) { _ in try service.call() }
            }
        }
        #expect(service.times.withLock { $0 } == [0, 100, 300])
        #expect(world.now() == Instant(nanoseconds: 300_000_000))
    }

    @Test("S62: when the budget is used up, failures go to the caller at once, whichever retry draws on it")
    func budget() throws {
        let world = VirtualTime()
        let budget = RetryBudget(try .share(ratio: 0.5, minimumPerSecond: 1, window: .seconds(1)), timeSource: world.timeSource)
        let retries = [try Self.retry(world, maxAttempts: 2, shared: budget), try Self.retry(world, maxAttempts: 2, shared: budget)]
        try world.run {
            for number in 0..<10 {
                _ = try? await retries[number % 2].loop { _ in throw RetryTestError() }
            }
        }
        // Ten calls within a second deposit five; the floor is one.
        #expect(retries[0].counters.retried + retries[1].counters.retried == 6)
        #expect(world.now() == Instant(nanoseconds: 600_000_000))
    }

    @Test("S62: with gRPC's throttle, failures stop retries and successes bring them back")
    func throttle() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, maxAttempts: 5, budget: .grpcThrottle(maxTokens: 4, tokenRatio: 1))
        try world.run {
            _ = try? await retry.loop { _ in throw RetryTestError() }
            #expect(retry.budget.balance == 2)
            #expect(retry.counters.retried == 1)
            try await retry.loop { _ in }
            #expect(retry.budget.balance == 3)
            _ = try? await retry.loop { _ in throw RetryTestError(code: .notFound) }
            #expect(retry.budget.balance == 3)
            _ = try? await retry.loop { _ in throw RetryTestError(code: .notFound, forbidsRetry: true) }
            #expect(retry.budget.balance == 2)
        }
    }

    @Test("S63: of two nested retries one acts, the outer, and the inner once the outer has no attempts left")
    func nested() throws {
        let world = VirtualTime()
        let (outer, inner) = (try Self.retry(world), try Self.retry(world))
        let service = Service(world, failing: 100)
        try world.run {
            var attempt = Attempt(world.timeSource)
            var progress = outer.newProgress
            outer.begin(&attempt)
            while true {
                do {
                    let asked = progress
                    _ = try await inner.loop(enclosing: { outer.willAct(on: $0, asked) }) { _ in try service.call() }
                    Issue.record("the service never answers")
                } catch {
                    attempt.passTime()
                    guard case .again(let wait) = outer.decide(&progress, error, enclosingWillAct: false, &attempt) else { return }
                    try await world.timeSource.sleep(for: wait)
                    attempt.passTime()
                }
            }
        }
        // Not nine: twice the outer, then the inner's own two in the outer's last attempt.
        #expect(service.times.withLock { $0 } == [0, 100, 300, 400, 600])
        #expect(outer.counters.retried == 2)
        #expect(inner.counters.retried == 2)
    }

    @Test("S64: a transparent resend costs no time, no attempt and no budget")
    func transparent() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, budget: .share(ratio: 0, minimumPerSecond: 0, window: .seconds(1)))
        let service = Service(world, failing: 1, RetryTestError(code: .internalError, isUnprocessed: true))
        let numbers = Numbers()
        let answer = try world.run {
            try await retry.loop(attributes: CallAttributes(isIdempotent: false)) { attempt in
                numbers.append(attempt)
                return try service.call()
            }
        }
        #expect(answer == "answer")
        #expect(numbers.all == [1, 1])
        #expect(service.times.withLock { $0 } == [0, 0])
    }

    @Test("S62, S64: nor does a transparent resend cost a token of gRPC's throttle; failing again does")
    func transparentThrottle() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, maxAttempts: 1, budget: .grpcThrottle(maxTokens: 10, tokenRatio: 1))
        let unprocessed = RetryTestError(isUnprocessed: true)
        try world.run {
            try await retry.loop { [service = Service(world, failing: 1, unprocessed)] _ in _ = try service.call() }
            #expect(retry.budget.balance == 10)
            let again = try Self.retry(world, maxAttempts: 2, shared: retry.budget)
            try await again.loop { [service = Service(world, failing: 2, unprocessed)] _ in _ = try service.call() }
            #expect(retry.budget.balance == 10)
            _ = try? await again.loop { [service = Service(world, failing: 9, unprocessed)] _ in _ = try service.call() }
            #expect(retry.budget.balance == 8)
        }
    }

    @Test("Every retry and every stop is one event; what is not retried is none")
    func events() async throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, maxAttempts: 2)
        let events = retry.events()
        try world.run {
            _ = try? await retry.loop { _ in throw RetryTestError() }
            _ = try? await retry.loop { _ in throw RetryTestError(code: .notFound) }
            _ = try? await retry.loop { _ in throw CancellationError() }
            _ = try? await retry.loop(attributes: CallAttributes(isIdempotent: false)) { _ in throw RetryTestError() }
        }
        retry.reconfigure(.standard)
        events.finish()
        var lines: [String] = []
        for await event in events {
            switch event.decision {
            case .retrying(let attempt, let after, let failure):
                lines.append("attempt \(attempt) after \(after): \((failure as? RetryTestError)?.code.name ?? "?")")
            case .retryStopped(let because, _): lines.append(because)
            case .reconfigured: lines.append("reconfigured")
            default: lines.append("?")
            }
        }
        #expect(
            lines == [
                "attempt 2 after 0.1 seconds: UNAVAILABLE", "all 2 attempts are made",
                "the call may not run twice, and the service may have seen it", "reconfigured",
            ])
    }

    @Test("S80: a call that is being retried keeps its rules; the next one has the new ones")
    func reconfigure() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, maxAttempts: 3)
        let service = Service(world, failing: 100)
        try world.run {
            _ = try? await retry.loop { attempt in
                if attempt == 2 { retry.reconfigure(try .init(maxAttempts: 1)) }
                return try service.call()
            }
            #expect(service.times.withLock { $0.count } == 3)
            _ = try? await retry.loop { _ in try service.call() }
            #expect(service.times.withLock { $0.count } == 4)
        }
        #expect(retry.budget.configuration == .standard)
    }

    @Test("S80: rules that change during a call's first attempt do not hold for it, nor does a row of changes; the next call has the last")
    func reconfigureInTheFirstAttempt() throws {
        for changes in [1, 5, 15] {
            let world = VirtualTime()
            let retry = try Self.retry(world, maxAttempts: 3)
            let service = Service(world, failing: 100)
            try world.run {
                _ = try? await retry.loop { attempt in
                    if attempt == 1 { for _ in 0..<changes { retry.reconfigure(try .init(maxAttempts: 1)) } }
                    return try service.call()
                }
                #expect(service.times.withLock { $0.count } == 3)
                _ = try? await retry.loop { _ in try service.call() }
                #expect(service.times.withLock { $0.count } == 4)
            }
        }
    }

    @Test("S80: a shared budget keeps its own settings")
    func sharedBudget() throws {
        let world = VirtualTime()
        let shared = RetryBudget(try .grpcThrottle(maxTokens: 10, tokenRatio: 0.1), timeSource: world.timeSource)
        let retry = try Self.retry(world, shared: shared)
        retry.reconfigure(.standard)
        #expect(shared.balance == 10)
        #expect(retry.budget === shared)
    }

    enum Moment: CaseIterable { case before, whileRunning, whileWaiting, atTheEndOfTheWait }

    @Test("S1, S60: a caller that goes away is never retried, whenever it goes", arguments: Moment.allCases)
    func cancellation(moment: Moment) throws {
        let world = VirtualTime()
        let retry = try Self.retry(world)
        let numbers = Numbers()
        try world.run {
            let call = Task(executorPreference: world) {
                try await retry.loop { attempt in
                    numbers.append(attempt)
                    try Task.checkCancellation()
                    if moment == .whileRunning { try await world.timeSource.sleep(for: .seconds(1)) }
                    throw RetryTestError()
                }
            }
            let delay: Duration =
                switch moment {
                case .before: .zero
                case .whileRunning, .whileWaiting: .milliseconds(50)
                case .atTheEndOfTheWait: .milliseconds(100)
                }
            if delay > .zero { try await world.timeSource.sleep(for: delay) }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
        #expect(numbers.all.first == 1)
        #expect(numbers.all.count <= (moment == .atTheEndOfTheWait ? 2 : 1))
        #expect(world.now() <= Instant(nanoseconds: 100_000_000))
    }

    @Test("S1, S60: an operation that answers its caller's going away with a failure of its own is not retried, and costs no budget")
    func cancelledInOtherWords() throws {
        let world = VirtualTime()
        let retry = try Self.retry(world, budget: .share(ratio: 1, minimumPerSecond: 0, window: .seconds(1)))
        try world.run {
            let call = Task(executorPreference: world) {
                try await retry.loop { _ in
                    try? await world.timeSource.sleep(for: .seconds(1))
                    throw RetryTestError()
                }
            }
            await Task.yield()
            call.cancel()
            await #expect(throws: RetryTestError()) { try await call.value }
        }
        #expect(retry.counters.retried == 0)
        #expect(retry.budget.balance == 1)
    }

    @Test("64 tasks with random cancellation: everybody comes back, and the budget is never overdrawn")
    func concurrent() async throws {
        let budget = RetryBudget(try .share(ratio: 0.2, minimumPerSecond: 0.1, window: .seconds(3600)))
        // Waits of zero: the tasks meet on several threads, where no virtual clock runs.
        let retry = Retry("retry", try .init(maxAttempts: 4, backoff: .constant(.zero), budget: nil), budget: budget)
        let ended = await withTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                group.addTask {
                    var random = RandomSource(seed: UInt64(number))
                    var ended = 0
                    for _ in 0..<20 {
                        let failing = Int.random(in: 0...4, using: &random)
                        let isCancelled = Int.random(in: 0...3, using: &random) == 0
                        let call = Task {
                            try await retry.loop { attempt in
                                await Task.yield()
                                if attempt <= failing { throw RetryTestError() }
                            }
                        }
                        if isCancelled { call.cancel() }
                        _ = await call.result
                        ended += 1
                    }
                    return ended
                }
            }
            return await group.reduce(0, +)
        }
        #expect(ended == 1280)
        let most = 0.2 * 1280 + 360
        #expect(Double(retry.counters.retried) <= most)
        #expect(abs(budget.balance - (most - Double(retry.counters.retried))) < 1e-6)
    }
}
