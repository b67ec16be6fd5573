import Testing

@testable import Holdfast

@Suite("Retry: decisions")
struct RetryStateMachineTests {
    typealias Configuration = Retry.Configuration
    typealias Decision = RetryStateMachine.Decision

    private static let exact = try! Backoff.constant(.milliseconds(100), jitter: .none)

    private static func decide(
        _ error: any Error, _ configuration: Configuration? = nil, attempts: Int = 1, isResent: Bool = false,
        enclosingWillAct: Bool = false, isIdempotent: Bool = true, deadline: Int64? = nil, random: RandomSource = RandomSource(seed: 1)
    ) throws -> Decision {
        let machine = RetryStateMachine(try configuration ?? Configuration(backoff: exact))
        var progress = RetryStateMachine.Progress()
        progress.attempts = attempts
        progress.isResent = isResent
        return machine.decide(
            progress, error, enclosingWillAct: enclosingWillAct, isIdempotent: isIdempotent,
            deadline: deadline.map { Instant(nanoseconds: $0 * 1_000_000) }, now: Instant(nanoseconds: 0), random: random)
    }

    private static func retry(_ milliseconds: Int64, backoff: Int64 = 100) -> Decision {
        .retry(afterNanoseconds: milliseconds * 1_000_000, backoff: backoff * 1_000_000)
    }

    struct Unknown: Error {}

    @Test(
        "S60: what is retried unless told otherwise: UNAVAILABLE, failed connections, timeouts",
        arguments: [
            (RetryTestError(), true),
            (RetryTestError(code: .deadlineExceeded), false),
            (RetryTestError(code: .internalError), false),
            (RetryTestError(code: .internalError, isConnectionError: true), true),
            (TimeoutError(policy: "t", scope: .attempt, after: .seconds(1)), true),
            (Unknown(), false),
            (CancellationError(), false),
            (Rejection(policy: "b", kind: .bulkhead, reason: .full), false),
            (RetryTestError(code: .resourceExhausted), false),
            (RetryTestError(code: .cancelled), false),
            (FallbackError(failure: RetryTestError(), fallbackErrors: []), true),
            (FallbackError(failure: CancellationError(), fallbackErrors: [RetryTestError()]), false),
        ] as [(any Error, Bool)])
    func standard(error: any Error, isRetried: Bool) throws {
        #expect(try Self.decide(error) == (isRetried ? Self.retry(100) : .giveBack))
        let machine = RetryStateMachine(.standard)
        #expect(machine.willAct(on: error, .init()) == isRetried)
        #expect(machine.countsAgainstThrottle(error) == isRetried)
    }

    @Test(
        "S60: what the caller is to blame for is never retried, whatever it is picked by, unless its code is named",
        arguments: StatusCode.allCases)
    func callersFault(code: StatusCode) throws {
        let error = RetryTestError(code: code, isConnectionError: true)
        let byOrigin = try Configuration(backoff: Self.exact, on: FailureSelector(origins: [.connection]))
        let isCallersFault = Classification.standard.outcome(of: error) == .success
        #expect(try Self.decide(error, byOrigin) == (isCallersFault ? .giveBack : Self.retry(100)))
        guard code != .ok else { return }
        let byName = try Configuration(backoff: Self.exact, on: FailureSelector(codes: [code]))
        #expect(try Self.decide(error, byName) == Self.retry(100))
    }

    @Test("S60: a local policy's rejection is retried only if told so, and then not before it says")
    func rejection() throws {
        let rejected = try Configuration(backoff: Self.exact, on: FailureSelector(origins: [.rejected]), retryAfterMax: .seconds(2))
        let open = { Rejection(policy: "b", kind: .circuitBreaker, reason: .open, retryAfter: $0) }
        #expect(try Self.decide(open(nil), rejected) == Self.retry(100))
        #expect(try Self.decide(open(.milliseconds(700)), rejected) == Self.retry(700))
        #expect(try Self.decide(open(.milliseconds(20)), rejected) == Self.retry(100))
        #expect(try Self.decide(open(.seconds(2)), rejected) == Self.retry(2000))
        #expect(try Self.decide(open(.seconds(3)), rejected) == .stop(.rejectedFor(.seconds(3), max: .seconds(2))))
        #expect(try Self.decide(open(.seconds(1)), rejected, isIdempotent: false) == Self.retry(1000))
    }

    @Test("S60: a rejection says nothing about the service, so gRPC's throttle does not count it; a wish not to be tried again it does")
    func throttleCounts() throws {
        let machine = RetryStateMachine(try Configuration(on: FailureSelector(origins: [.rejected])))
        #expect(machine.countsAgainstThrottle(Rejection(policy: "b", kind: .bulkhead, reason: .full)) == false)
        #expect(machine.countsAgainstThrottle(RetryTestError(code: .internalError, forbidsRetry: true)) == true)
    }

    @Test(
        "S60: no wait that would not leave time before the deadline",
        arguments: [(99, false), (100, false), (101, true)] as [(Int64, Bool)])
    func deadline(milliseconds: Int64, isRetried: Bool) throws {
        let late = Decision.stop(.deadline(wait: .milliseconds(100), remaining: .milliseconds(milliseconds)))
        #expect(try Self.decide(RetryTestError(), deadline: milliseconds) == (isRetried ? Self.retry(100) : late))
    }

    @Test("S60: a call that may not run twice is retried only if the service provably never saw it")
    func idempotency() throws {
        #expect(try Self.decide(RetryTestError(), isIdempotent: false) == .stop(.notIdempotent))
        #expect(
            try Self.decide(TimeoutError(policy: nil, scope: .attempt, after: .seconds(1)), isIdempotent: false) == .stop(.notIdempotent))
        let unprocessed = RetryTestError(isConnectionError: true, isUnprocessed: true)
        #expect(try Self.decide(unprocessed, isIdempotent: false) == Self.retry(100))
        #expect(try Self.decide(RetryTestError(isUnprocessed: true), isResent: true, isIdempotent: false) == Self.retry(100))
    }

    @Test("S61: the first attempt counts: three attempts are two retries")
    func attempts() throws {
        #expect(try Self.decide(RetryTestError(), attempts: 2) == Self.retry(100))
        #expect(try Self.decide(RetryTestError(), attempts: 3) == .stop(.attemptsUsed(3)))
        #expect(try Self.decide(RetryTestError(), try Configuration(maxAttempts: 1)) == .giveBack)
    }

    @Test("S61: a service's wish to stay away is honoured up to the cap")
    func retryAfter() throws {
        let configuration = try Configuration(backoff: Self.exact, retryAfterMax: .seconds(2))
        let busy = { RetryTestError(retryAfter: $0) }
        #expect(try Self.decide(busy(.seconds(1)), configuration) == Self.retry(1000))
        #expect(try Self.decide(busy(.seconds(60)), configuration) == Self.retry(2000))
        #expect(try Self.decide(busy(.milliseconds(30)), configuration) == Self.retry(100))
        #expect(try Self.decide(busy(.seconds(-5)), configuration) == Self.retry(100))
        #expect(
            try Self.decide(busy(.seconds(1)), configuration, deadline: 900)
                == .stop(.deadline(wait: .seconds(1), remaining: .milliseconds(900))))
        let forever = try Configuration(backoff: Self.exact, retryAfterMax: .seconds(Int64.max))
        #expect(try Self.decide(busy(.seconds(Int64.max)), forever) == .retry(afterNanoseconds: .max, backoff: 100_000_000))
    }

    @Test("S61: jitter is added to a service's wish, so that its callers do not come back at once")
    func retryAfterJitter() throws {
        let configuration = try Configuration(backoff: .constant(.milliseconds(200)))
        var waits: Set<Int64> = []
        for seed in 0..<50 as Range<UInt64> {
            let decision = try Self.decide(RetryTestError(retryAfter: .seconds(1)), configuration, random: RandomSource(seed: seed))
            guard case .retry(let wait, _) = decision else { throw Unknown() }
            #expect((1_000_000_000...1_200_000_000).contains(wait))
            waits.insert(wait)
        }
        #expect(waits.count == 50)
    }

    @Test("S61: a negative pushback stops")
    func pushback() throws {
        #expect(try Self.decide(RetryTestError(forbidsRetry: true)) == .stop(.pushback))
        #expect(try Self.decide(RetryTestError(forbidsRetry: true, isUnprocessed: true)) == .stop(.pushback))
        #expect(RetryStateMachine(.standard).willAct(on: RetryTestError(forbidsRetry: true), .init()) == false)
    }

    @Test("The first rule that picks the failure decides about it, before what is retried otherwise")
    func rules() throws {
        let quick = try Backoff.constant(.milliseconds(5), jitter: .none)
        let configuration = try Configuration(
            backoff: Self.exact, on: FailureSelector(codes: [.unavailable]),
            rules: [
                .init(on: FailureSelector(codes: [.aborted]), maxAttempts: 10, backoff: quick),
                .init(on: FailureSelector(codes: [.aborted, .unavailable]), maxAttempts: 2),
                .init(on: FailureSelector(codes: [.internalError]), maxAttempts: 1),
                .init(on: FailureSelector(codes: [.dataLoss]), backoff: quick),
            ])
        #expect(try Self.decide(RetryTestError(code: .aborted), configuration, attempts: 9) == Self.retry(5, backoff: 5))
        #expect(try Self.decide(RetryTestError(), configuration) == Self.retry(100))
        #expect(try Self.decide(RetryTestError(), configuration, attempts: 2) == .stop(.attemptsUsed(2)))
        #expect(try Self.decide(RetryTestError(code: .internalError), configuration) == .giveBack)
        #expect(try Self.decide(RetryTestError(code: .dataLoss), configuration, attempts: 2) == Self.retry(5, backoff: 5))
        #expect(try Self.decide(RetryTestError(code: .dataLoss), configuration, attempts: 3) == .stop(.attemptsUsed(3)))
    }

    @Test("S63: an inner retry stands down when an enclosing one will act")
    func nested() throws {
        #expect(try Self.decide(RetryTestError(), enclosingWillAct: true) == .stop(.enclosingRetry))
        #expect(try Self.decide(RetryTestError(isUnprocessed: true), enclosingWillAct: true) == .stop(.enclosingRetry))
        #expect(try Self.decide(RetryTestError(code: .notFound), enclosingWillAct: true) == .giveBack)
        let machine = RetryStateMachine(.standard)
        #expect(machine.willAct(on: RetryTestError(), .init(attempts: 2)) == true)
        #expect(machine.willAct(on: RetryTestError(), .init(attempts: 3)) == false)
        #expect(machine.willAct(on: RetryTestError(code: .notFound), .init()) == false)
        #expect(machine.willAct(on: RetryTestError(isUnprocessed: true), .init(attempts: 3)) == true)
        #expect(machine.willAct(on: RetryTestError(isUnprocessed: true), .init(attempts: 3, isResent: true)) == false)
    }

    @Test("S63: nested pipelines are told what would be retried: what an earlier rule gives up no later one takes on")
    func selection() throws {
        let machine = RetryStateMachine(
            try Configuration(
                on: FailureSelector(codes: [.unavailable, .internalError], origins: [.timeout]),
                rules: [
                    .init(on: FailureSelector(codes: [.internalError]), maxAttempts: 1),
                    .init(on: FailureSelector(codes: [.aborted, .internalError]), maxAttempts: 5),
                ]))
        let failures: [any Error] = [
            RetryTestError(), RetryTestError(code: .internalError), RetryTestError(code: .aborted), RetryTestError(code: .notFound),
            TimeoutError(policy: nil, scope: .attempt, after: .seconds(1)), Rejection(policy: "b", kind: .bulkhead, reason: .full),
        ]
        let expected = [(1, [true, false, true, false, true, false]), (3, [false, false, true, false, false, false]), (5, [])]
        for (attempts, retried) in expected {
            let progress = RetryStateMachine.Progress(attempts: attempts)
            let selection = machine.selection(progress)
            #expect(selection.isEmpty == retried.isEmpty)
            for (failure, isRetried) in zip(failures, retried) {
                #expect(selection.matches(failure) == isRetried, "\(failure), attempt \(attempts)")
                #expect(machine.willAct(on: failure, progress) == isRetried, "\(failure), attempt \(attempts)")
            }
        }
    }

    @Test("A value that will not do is retried; a rule is for it only if it names its code")
    func unacceptable() throws {
        let given = try Configuration(backoff: Self.exact, rules: [.init(on: FailureSelector(codes: [.aborted]), maxAttempts: 1)])
        #expect(try Self.decide(UnacceptableValue(1), given) == Self.retry(100))
        let named = try Configuration(backoff: Self.exact, rules: [.init(on: FailureSelector(codes: [.unknown]), maxAttempts: 1)])
        #expect(try Self.decide(UnacceptableValue(1), named) == .giveBack)
    }

    @Test("S64: an attempt that provably never reached the service is sent again once, at once, whatever its code and the call")
    func transparent() throws {
        let refused = RetryTestError(code: .internalError, isUnprocessed: true)
        #expect(try Self.decide(refused) == .resend)
        #expect(try Self.decide(refused, attempts: 3, isIdempotent: false) == .resend)
        #expect(try Self.decide(refused, isResent: true) == .giveBack)
        #expect(try Self.decide(RetryTestError(isUnprocessed: true), isResent: true) == Self.retry(100))
        #expect(try Self.decide(refused, deadline: 0) == .stop(.deadline(wait: .zero, remaining: .zero)))
        #expect(try Self.decide(FallbackError(failure: refused, fallbackErrors: [])) == .resend)
        #expect(try Self.decide(Rejection(policy: "b", kind: .bulkhead, reason: .full)) == .giveBack)
        #expect(try Self.decide(RetryTestError(isConnectionError: true, isUnprocessed: true)) == Self.retry(100))
    }

    @Test("Every stop says why in a sentence")
    func sentences() {
        let reasons: [(RetryStateMachine.Reason, String)] = [
            (.pushback, "the service asks not to be tried again"),
            (.notIdempotent, "the call may not run twice, and the service may have seen it"),
            (.attemptsUsed(3), "all 3 attempts are made"),
            (.enclosingRetry, "an enclosing retry of the same call will act"),
            (
                .rejectedFor(.seconds(60), max: .seconds(30)),
                "the policy that refused it says to try again in 60.0 seconds, and the longest wait is 30.0 seconds"
            ),
            (
                .deadline(wait: .seconds(2), remaining: .seconds(1)),
                "another attempt would start in 2.0 seconds, and the deadline is in 1.0 seconds"
            ),
            (.budget, "the retry budget is used up"),
        ]
        for (reason, sentence) in reasons { #expect(reason.sentence == sentence) }
    }

    /// The model is the list of rules, each looked at by itself: what must never be retried, and what nothing forbids.
    @Test("S60, S61, S64: decisions follow the list of rules, for random failures, calls and settings")
    func property() async throws {
        for seed in 0..<6000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let codes = Set(
                (0...Int.random(in: 0...3, using: &random)).map { _ in StatusCode.allCases[Int.random(in: 1...16, using: &random)] })
            let origins = Set(FailureSelector.Origin.allCases.filter { _ in Bool.random(using: &random) })
            let configuration = try Configuration(
                maxAttempts: Int.random(in: 2...6, using: &random),
                backoff: .exponential(base: .milliseconds(10), max: .seconds(1), jitter: .allCases.randomElement(using: &random)!),
                on: FailureSelector(codes: codes, origins: origins), retryAfterMax: .seconds(Int64.random(in: 0...3, using: &random)))
            let status = RetryTestError(
                code: StatusCode.allCases[Int.random(in: 1...16, using: &random)],
                retryAfter: Bool.random(using: &random) ? .milliseconds(Int64.random(in: 0...4000, using: &random)) : nil,
                forbidsRetry: Int.random(in: 0...7, using: &random) == 0, isConnectionError: Bool.random(using: &random),
                isUnprocessed: Bool.random(using: &random))
            let rejection = Rejection(policy: "b", kind: .bulkhead, reason: .full, retryAfter: status.retryAfter)
            let timeout = TimeoutError(policy: nil, scope: .total, after: .seconds(1))
            let kind = Int.random(in: 0...9, using: &random)
            let errors: [any Error] = [rejection, timeout, CancellationError(), status]
            let error = errors[min(kind, 3)]
            let attempts = Int.random(in: 1...6, using: &random)
            let isResent = Bool.random(using: &random)
            let enclosing = Int.random(in: 0...4, using: &random) == 0
            let isIdempotent = Bool.random(using: &random)
            let deadline = Bool.random(using: &random) ? Int64.random(in: 0...2000, using: &random) : nil
            let decision = try Self.decide(
                error, configuration, attempts: attempts, isResent: isResent, enclosingWillAct: enclosing, isIdempotent: isIdempotent,
                deadline: deadline, random: random)

            let isStatus = kind > 2
            let isPicked: Bool =
                switch kind {
                case 0: origins.contains(.rejected)
                case 1: origins.contains(.timeout)
                case 2: false
                default:
                    codes.contains(status.code)
                        || status.isConnectionError && origins.contains(.connection)
                            && Classification.standard.outcome(of: status) != .success
                }
            let mayResend = isStatus && status.isUnprocessed && !status.isConnectionError && !isResent
            let isUnprocessed = kind == 0 || isStatus && status.isUnprocessed
            let isForbidden =
                isStatus && status.forbidsRetry || enclosing || deadline == 0
                || !mayResend && (attempts >= configuration.maxAttempts || !isIdempotent && !isUnprocessed)
            let asked = kind == 1 ? nil : status.retryAfter
            let isTooLong = kind == 0 && (asked ?? .zero) > configuration.retryAfterMax
            let fits: Bool
            switch decision {
            case .giveBack: fits = !isPicked && !mayResend
            case .resend: fits = mayResend && !isForbidden
            case .retry(let wait, let backoff):
                let bounds = configuration.backoff.nanosecondBounds(retry: attempts, previous: nil)
                let least = max(min(asked ?? .zero, configuration.retryAfterMax).nanoseconds, bounds.lower)
                fits =
                    isPicked && !mayResend && !isForbidden && !isTooLong && (bounds.lower...bounds.upper).contains(backoff)
                    && (asked == nil ? wait == backoff : wait == least + backoff - bounds.lower)
                    && (deadline.map { wait < $0 * 1_000_000 } ?? true)
            case .stop(.deadline): fits = (isPicked || mayResend) && deadline != nil
            case .stop(.rejectedFor): fits = isTooLong
            case .stop: fits = (isPicked || mayResend) && isForbidden
            }
            if !fits { #expect(fits, "seed \(seed): \(decision) for \(error), \(configuration)") }
            if seed % 4 == 0 { await Task.yield() }
        }
    }
}
