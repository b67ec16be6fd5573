/// The retry's decisions: a value, without a clock, a lock or a wait. What one call has done so far comes in and goes out with
/// each decision, so a machine serves any number of calls.
struct RetryStateMachine: Sendable {
    /// What one call's retry has done so far.
    struct Progress {
        /// Attempts made, the one under way included; a transparent resend is not one.
        var attempts = 1
        /// The backoff drawn last, in nanoseconds; nil before the first retry.
        var previous: Int64?
        /// Whether the one transparent resend was used.
        var isResent = false
    }

    enum Decision: Equatable {
        /// The failure is not one that is retried.
        case giveBack
        /// The attempt never reached the service: send it again, at once and at no cost.
        case resend
        /// Make another attempt after a wait, if the budget allows it.
        case retry(afterNanoseconds: Int64, backoff: Int64)
        /// The failure is one that is retried, but not now.
        case stop(Reason)
    }

    /// Why a failure that is retried was not retried.
    enum Reason: Equatable {
        case pushback
        case committed
        case notIdempotent
        case attemptsUsed(Int)
        case enclosingRetry
        case rejectedFor(Duration, max: Duration)
        case deadline(wait: Duration, remaining: Duration)
        case budget

        var sentence: String {
            switch self {
            case .pushback: "the service asks not to be tried again"
            case .committed: "the service had begun to answer"
            case .notIdempotent: "the call may not run twice, and the service may have seen it"
            case .attemptsUsed(let attempts): "all \(attempts) attempts are made"
            case .enclosingRetry: "an enclosing retry of the same call will act"
            case .rejectedFor(let wait, let max): "the policy that refused it says to try again in \(wait), and the longest wait is \(max)"
            case .deadline(let wait, let remaining): "another attempt would start in \(wait), and the deadline is in \(remaining)"
            case .budget: "the retry budget is used up"
            }
        }
    }

    /// How a failure that is retried is retried.
    private struct Plan {
        let maxAttempts: Int
        let backoff: Backoff
    }

    /// A failure, asked once what it is: each cast of an error costs as much as a lock.
    private struct Failure {
        /// The failure itself, where a fallback further in wrapped it.
        let error: any Error
        let status: (any StatusError)?
        let isRejection: Bool

        init(_ error: any Error) {
            var error = error
            var status = error as? any StatusError
            while let wrapped = status as? FallbackError {
                error = wrapped.failure
                status = error as? any StatusError
            }
            self.error = error
            self.status = status
            isRejection = status is Rejection
        }

        /// Every selector picks a value that will not do; a rule is for it only if it names its code.
        func isPicked(by rule: Retry.Configuration.Rule) -> Bool {
            rule.on.matches(error) && (!(status is UnacceptableValue) || rule.on.codes.contains(.unknown))
        }

        var isCancellation: Bool { status == nil && error is CancellationError }

        /// Whether the request was sent and provably never reached the service's application (S64). A connection that failed gets
        /// its backoff, and a local rejection was never sent.
        var neverReachedService: Bool {
            guard !isRejection, let status else { return false }
            return status.isRefusedUnseen
        }
    }

    let configuration: Retry.Configuration

    init(_ configuration: Retry.Configuration) {
        self.configuration = configuration
    }

    /// Decides what follows a failed attempt.
    func decide(
        _ progress: Progress, _ error: any Error, enclosingWillAct: Bool, isIdempotent: Bool, deadline: Instant?, now: Instant,
        random: RandomSource
    ) -> Decision {
        let failure = Failure(error)
        guard !failure.isCancellation else { return .giveBack }
        let canResend = failure.neverReachedService && !progress.isResent
        let plan = plan(for: failure)
        guard canResend || plan != nil else { return .giveBack }

        if failure.status?.forbidsRetry == true { return .stop(.pushback) }
        if failure.status?.isCommitted == true { return .stop(.committed) }
        if enclosingWillAct { return .stop(.enclosingRetry) }
        if canResend {
            return Self.late(0, now, deadline) ?? .resend
        }
        guard let plan else { return .giveBack }
        guard isIdempotent || failure.status?.isUnprocessed == true else { return .stop(.notIdempotent) }
        guard progress.attempts < plan.maxAttempts else { return .stop(.attemptsUsed(progress.attempts)) }

        let (lower, upper) = plan.backoff.nanosecondBounds(retry: progress.attempts, previous: progress.previous)
        let backoff = Backoff.draw(lower, upper, random)
        var wait = backoff
        if let retryAfter = failure.status?.retryAfter {
            var asked = retryAfter.nanoseconds
            let max = configuration.retryAfterMax
            if failure.isRejection {
                // A policy in this process knows that trying earlier is in vain, so waiting less would be too.
                guard asked <= max.nanoseconds else { return .stop(.rejectedFor(retryAfter, max: max)) }
            } else {
                asked = min(asked, max.nanoseconds)
            }
            // The wish takes the place of the backoff's fixed part; its random part comes on top, or all would come back at once.
            wait = Swift.max(asked, lower).addingSaturating(backoff - lower)
        }
        return Self.late(wait, now, deadline) ?? .retry(afterNanoseconds: wait, backoff: backoff)
    }

    /// Whether the failure would be retried, or sent again, as far as that is this retry's own affair: what one further in asks
    /// before it acts itself (S63).
    func willAct(on error: any Error, _ progress: Progress) -> Bool {
        let failure = Failure(error)
        guard !failure.isCancellation, failure.status?.forbidsRetry != true, failure.status?.isCommitted != true else { return false }
        if failure.neverReachedService, !progress.isResent { return true }
        return plan(for: failure).map { progress.attempts < $0.maxAttempts } ?? false
    }

    /// The failures that would be retried, as far as they can be told by code and origin (S63).
    func selection(_ progress: Progress) -> FailureSelector.Bits {
        var selected: UInt32 = 0
        // The first rule that picks a failure decides about it, so what an earlier one gives up no later one retries.
        var decided: UInt32 = 0
        for (on, maxAttempts) in configuration.rules.map({ ($0.on, $0.maxAttempts) }) + [(configuration.on, nil)] {
            if progress.attempts < maxAttempts ?? configuration.maxAttempts { selected |= on.bits.rawValue & ~decided }
            decided |= on.bits.rawValue
        }
        return FailureSelector.Bits(rawValue: selected)
    }

    /// Whether gRPC's throttle counts the failure: one that is retried, or that comes with the wish not to be (gRFC A6). A rejection
    /// in this process says nothing about the service.
    func countsAgainstThrottle(_ error: any Error) -> Bool {
        let failure = Failure(error)
        guard !failure.isCancellation, !failure.isRejection else { return false }
        return failure.status?.forbidsRetry == true || plan(for: failure) != nil
    }

    /// How to retry that failure; nil if it is not retried.
    private func plan(for failure: Failure) -> Plan? {
        let plan: Plan
        let picked: FailureSelector
        if let rule = configuration.rules.first(where: { failure.isPicked(by: $0) }) {
            plan = Plan(
                maxAttempts: rule.maxAttempts ?? configuration.maxAttempts, backoff: rule.backoff ?? configuration.backoff)
            picked = rule.on
        } else if configuration.on.matches(failure.error) {
            plan = Plan(maxAttempts: configuration.maxAttempts, backoff: configuration.backoff)
            picked = configuration.on
        } else {
            return nil
        }
        guard plan.maxAttempts > 1 else { return nil }
        // A failed connection, say, may carry a code that blames the caller; it would blame it again.
        if let code = failure.status?.code, !picked.codes.contains(code), Classification.standard.outcome(of: failure.error) == .success {
            return nil
        }
        return plan
    }

    /// The stop for a wait that leaves no time before the deadline.
    private static func late(_ wait: Int64, _ now: Instant, _ deadline: Instant?) -> Decision? {
        guard let deadline, now.advanced(byNanoseconds: wait) >= deadline else { return nil }
        return .stop(.deadline(wait: .nanoseconds(wait), remaining: max(now.duration(to: deadline), .zero)))
    }
}
