import Synchronization

/// Makes another attempt when one fails in a way that may pass: `UNAVAILABLE`, a failed connection, a timeout.
///
/// Waits between attempts, so that the service can recover, and draws the waits at random, so that callers do not come back
/// together. A budget that all calls share ends retries when too many fail. Never retried: a call whose caller went away,
/// what a local policy refused, errors that blame the caller, calls that may not run twice, and calls without time for it.
///
/// ```swift
/// let say = try Pipeline("say") {
///     try Timeout(after: .milliseconds(800))
///     try Retry(maxAttempts: 3, backoff: .exponential(base: .milliseconds(50)))
///     CircuitBreaker("say", try .init(failureRate: 0.5))
/// }
/// ```
public final class Retry: Policy {
    /// What one call's retry has done so far.
    @usableFromInline
    package struct Progress: Sendable {
        fileprivate var state = RetryStateMachine.Progress()
        /// The rules that the call began with, which hold for the whole of it (S80); found at its first failure.
        fileprivate var rules: Rules?
        /// Which rules those are.
        fileprivate let version: UInt32

        /// Attempts made, the one under way included, from 1; ``Retry/decide(_:_:enclosingWillAct:_:)`` counts. A transparent resend
        /// is not counted.
        package var attempts: Int { state.attempts }
    }

    /// What follows a failed attempt.
    package enum Decision: Sendable {
        /// Another attempt, after a wait.
        case again(after: Duration)
        /// The failure goes to the caller.
        case stop
    }

    /// Keeps a call's rules at the price of one reference.
    fileprivate final class Rules: Sendable {
        let machine: RetryStateMachine
        let version: UInt32

        init(_ configuration: Configuration, version: UInt32) {
            machine = RetryStateMachine(configuration)
            self.version = version
        }
    }

    /// How many settings are kept for calls that began with them: one that outlives as many changes is retried by the oldest of these.
    private static let keptRules = 16

    /// The name that events carry.
    public let name: String
    /// ``PolicyKind/retry``.
    public var kind: PolicyKind { .retry }
    /// The clock the retry reads.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()
    /// What limits the retries of all calls together.
    public let budget: RetryBudget

    private let ownsBudget: Bool
    private let random: RandomSource
    /// The rules in force, and before them those of calls that may still be under way.
    private let rules: Locked<[Rules]>
    /// Which rules are in force: all that a call must note of them when it begins.
    private let version = Atomic<UInt32>(0)
    /// What a call's first attempt tells those further in, so that it takes no lock.
    private let firstSelection: Atomic<UInt32>
    private let retried = Counter()

    /// Makes a retry.
    /// - Parameters:
    ///   - name: what events call it.
    ///   - configuration: its settings, already checked.
    ///   - budget: one that is shared with other retries and hedges, in place of the configuration's.
    ///   - timeSource: its clock.
    ///   - random: where jitter comes from.
    public init(
        _ name: String = "retry", _ configuration: Configuration = .standard, budget: RetryBudget? = nil,
        timeSource: TimeSource = .system, random: RandomSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        self.random = random
        self.budget = budget ?? RetryBudget(ifAny: configuration.budget, timeSource: timeSource)
        ownsBudget = budget == nil
        let initial = Rules(configuration, version: 0)
        firstSelection = Atomic(initial.machine.selection(.init()).rawValue)
        rules = Locked([initial])
    }

    /// Makes a retry; what is not given is as in ``Configuration/standard``.
    /// - Parameters:
    ///   - maxAttempts: 1 to 100, the first attempt included.
    ///   - backoff: how long to wait before another attempt.
    ///   - on: the failures that are retried.
    /// - Throws: ``ConfigurationError`` with the field, the value and the range.
    public convenience init(
        _ name: String = "retry", maxAttempts: Int, backoff: Backoff = .standard, on: FailureSelector = Configuration.standardFailures,
        budget: RetryBudget? = nil, timeSource: TimeSource = .system, random: RandomSource = .system
    ) throws(ConfigurationError) {
        let configuration = try Configuration(maxAttempts: maxAttempts, backoff: backoff, on: on)
        self.init(name, configuration, budget: budget, timeSource: timeSource, random: random)
    }

    /// The settings in force.
    public var configuration: Configuration {
        rules.withLock { $0[$0.count - 1] }.machine.configuration
    }

    /// How many attempts it made after the first.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.retried = retried.value
        return counters
    }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        var summary = "makes up to \(Words.count(configuration.maxAttempts, "attempt")) when they fail with \(configuration.on.words)"
        if !configuration.rules.isEmpty { summary += " (with \(Words.count(configuration.rules.count, "exception")))" }
        return summary + ", \(configuration.backoff.words), \(budget.words)"
    }

    /// Puts new settings in force; calls under way keep theirs. A shared budget has settings of its own.
    public func reconfigure(_ configuration: Configuration) {
        rules.withLock { rules in
            let new = Rules(configuration, version: rules[rules.count - 1].version &+ 1)
            if rules.count == Self.keptRules { rules.removeFirst() }
            rules.append(new)
            firstSelection.store(new.machine.selection(.init()).rawValue, ordering: .relaxed)
            version.store(new.version, ordering: .releasing)
        }
        if ownsBudget { budget.reconfigure(ifAny: configuration.budget) }
        emit(.reconfigured)
    }

    // MARK: For the pipeline

    /// What a call that begins now has done.
    package var newProgress: Progress { Progress(version: version.load(ordering: .acquiring)) }

    private func rules(for progress: Progress) -> Rules {
        progress.rules ?? rules.withLock { rules in rules.first { Int32(bitPattern: $0.version &- progress.version) >= 0 } ?? rules[0] }
    }

    /// A call makes its first attempt.
    package func begin(_ attempt: inout Attempt) {
        budget.deposit(&attempt)
    }

    /// An attempt succeeded.
    package func succeeded(_ attempt: inout Attempt) {
        budget.record(failed: false)
    }

    /// Decides what follows a failed attempt; called in the task of the call.
    /// - Parameters:
    ///   - enclosingWillAct: whether a retry further out answered ``willAct(on:_:)`` with yes.
    ///   - attempt: with the time after the failure, and the deadline of all attempts together.
    package func decide(
        _ progress: inout Progress, _ failure: any Error, enclosingWillAct: Bool, _ attempt: inout Attempt
    ) -> Decision {
        // A caller that went away is not served again, in whatever words the operation says so (S1).
        guard !Task.isCancelled else { return .stop }
        let rules = rules(for: progress)
        progress.rules = rules
        let decision = rules.machine.decide(
            progress.state, failure, enclosingWillAct: enclosingWillAct, isIdempotent: attempt.attributes.isIdempotent,
            deadline: attempt.deadline, now: attempt.now(), random: random)
        // A transparent resend costs nothing, and the retry that stands down leaves it to the other to count the failure.
        if decision != .resend, !enclosingWillAct, budget.countsFailures, rules.machine.countsAgainstThrottle(failure) {
            budget.record(failed: true)
        }
        switch decision {
        case .giveBack: return .stop
        case .stop(let reason): return stop(reason, failure)
        case .resend:
            progress.state.isResent = true
            return retry(attempt: progress.attempts, after: .zero, failure)
        case .retry(let nanoseconds, let backoff):
            guard budget.take(&attempt) else { return stop(.budget, failure) }
            progress.state.attempts += 1
            progress.state.previous = backoff
            return retry(attempt: progress.attempts, after: .nanoseconds(nanoseconds), failure)
        }
    }

    /// Whether the failure would be retried: what a retry further in asks before it acts itself.
    package func willAct(on failure: any Error, _ progress: Progress) -> Bool {
        rules(for: progress).machine.willAct(on: failure, progress.state)
    }

    /// The failures that would be retried after the attempt under way: what nested pipelines are told (S63).
    package func selection(_ progress: Progress) -> FailureSelector.Bits {
        if progress.rules == nil, progress.version == version.load(ordering: .acquiring) {
            return FailureSelector.Bits(rawValue: firstSelection.load(ordering: .relaxed))
        }
        return rules(for: progress).machine.selection(progress.state)
    }

    private func retry(attempt: Int, after wait: Duration, _ failure: any Error) -> Decision {
        retried.add()
        emit(.retrying(attempt: attempt, after: wait, failure: failure))
        return .again(after: wait)
    }

    private func stop(_ reason: RetryStateMachine.Reason, _ failure: any Error) -> Decision {
        emit(.retryStopped(because: reason.sentence, failure: failure))
        return .stop
    }
}
