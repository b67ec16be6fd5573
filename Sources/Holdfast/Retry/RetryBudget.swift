import Synchronization

/// Keeps retries and hedges to one dependency from piling up on it when it is already in trouble.
///
/// Give the same budget to every ``Retry`` and hedge that calls the dependency: first attempts deposit, further ones withdraw, and when
/// nothing is left, the failure goes to the caller at once.
///
/// ```swift
/// let budget = try RetryBudget(.share(ratio: 0.1, minimumPerSecond: 1))
/// let reads = Retry("reads", .standard, budget: budget)
/// let writes = Retry("writes", .standard, budget: budget)
/// ```
public final class RetryBudget: Sendable {
    private struct Core {
        var configuration: Configuration?
        /// Nil unless the configuration is a share.
        var share: ShareBudgetStateMachine?
    }

    /// The clock the budget reads when nobody brings a reading.
    public let timeSource: TimeSource

    /// gRPC's throttle, as one word; or what stands for a share or for no limit.
    ///
    /// Each change is one compare-and-exchange of the whole state, so the steps of all tasks have one order, the word's own.
    private let throttle: Atomic<UInt64>
    /// First attempts and, second, the further ones.
    private let attempts: RollingCounter
    private let core: Locked<Core>

    private static let isShare: UInt64 = 0
    private static let isUnlimited: UInt64 = .max

    /// Makes a budget; a throttle's bucket is full.
    public convenience init(_ configuration: Configuration = .standard, timeSource: TimeSource = .system) {
        self.init(ifAny: configuration, timeSource: timeSource)
    }

    /// Makes a budget; nil refuses nothing.
    init(ifAny configuration: Configuration?, timeSource: TimeSource) {
        self.timeSource = timeSource
        throttle = Atomic(Self.word(configuration, after: nil))
        attempts = RollingCounter(window: Self.window(configuration) ?? .seconds(10), now: timeSource.now())
        core = Locked(Core(configuration: configuration, share: Self.share(configuration)))
    }

    /// How many further attempts it would allow at once now; for gRPC's throttle, the tokens in its bucket; infinite without a limit.
    ///
    /// Below zero when first attempts left the window before the retries they paid for.
    public var balance: Double {
        let word = throttle.load(ordering: .relaxed)
        if let throttle = ThrottleBudgetStateMachine(rawValue: word) {
            return Double(throttle.tokens) / Double(ThrottleBudgetStateMachine.token)
        }
        guard word == Self.isShare, let share = core.withLock({ $0.share }) else { return .infinity }
        let sums = attempts.sums(timeSource.now())
        return share.retries(deposits: sums.first, withdrawals: sums.second)
    }

    /// The settings; nil if it refuses nothing.
    public var configuration: Configuration? {
        core.withLock { $0.configuration }
    }

    /// The settings as in "makes 3 attempts, without a budget".
    var words: String {
        switch configuration?.limit {
        case nil: "without a budget"
        case .share(let ratio, let minimum, let window):
            "within a budget of \(Words.percent(ratio)) of the calls and \(Words.number(minimum)) a second, over \(Words.time(window))"
        case .grpcThrottle(let tokens, let ratio):
            "while a gRPC throttle of \(Words.count(tokens, "token")), \(Words.number(ratio)) for each success, is more than half full"
        }
    }

    /// Puts new settings in force. What was counted stays unless the window changes; a throttle's bucket stays as full in proportion.
    public func reconfigure(_ configuration: Configuration) {
        reconfigure(ifAny: configuration)
    }

    func reconfigure(ifAny configuration: Configuration?) {
        let now = timeSource.now()
        core.withLock { core in
            let (old, new) = (Self.window(core.configuration), Self.window(configuration))
            if let new, new != old { attempts.reshape(window: new, now: now) }
            core.configuration = configuration
            core.share = Self.share(configuration)
            exchange { Self.word(configuration, after: ThrottleBudgetStateMachine(rawValue: $0)) }
        }
    }

    /// A call makes its first attempt.
    package func deposit(_ attempt: inout Attempt) {
        guard throttle.load(ordering: .relaxed) == Self.isShare else { return }
        attempts.addFirst(attempt.now())
    }

    /// Asks for leave to make a further attempt; check and withdrawal are one step.
    package func take(_ attempt: inout Attempt) -> Bool {
        let word = throttle.load(ordering: .relaxed)
        if let throttle = ThrottleBudgetStateMachine(rawValue: word) { return throttle.allowsRetry }
        guard word == Self.isShare, let share = core.withLock({ $0.share }) else { return true }
        return attempts.addSecond(attempt.now()) { share.allowsRetry(deposits: $0.first, withdrawals: $0.second) }
    }

    /// Whether ``record(failed:)`` of a failure means anything, so that it need not be classified for nothing.
    package var countsFailures: Bool {
        ThrottleBudgetStateMachine(rawValue: throttle.load(ordering: .relaxed)) != nil
    }

    /// An attempt succeeded, or failed in a way that is retried or with the wish not to be.
    package func record(failed: Bool) {
        exchange { word in ThrottleBudgetStateMachine(rawValue: word)?.recording(failed: failed).rawValue ?? word }
    }

    private func exchange(_ step: (UInt64) -> UInt64) {
        var word = throttle.load(ordering: .relaxed)
        while true {
            let next = step(word)
            // A success while the bucket is full, or any while there is none, changes nothing and writes nothing.
            guard next != word else { return }
            let (exchanged, original) = throttle.weakCompareExchange(expected: word, desired: next, ordering: .relaxed)
            if exchanged { return }
            word = original
        }
    }

    private static func word(_ configuration: Configuration?, after old: ThrottleBudgetStateMachine?) -> UInt64 {
        switch configuration?.limit {
        case nil: isUnlimited
        case .share: isShare
        case .grpcThrottle(let maxTokens, let tokenRatio):
            (old?.reconfigured(maxTokens: maxTokens, tokenRatio: tokenRatio)
                ?? ThrottleBudgetStateMachine(maxTokens: maxTokens, tokenRatio: tokenRatio)).rawValue
        }
    }

    private static func window(_ configuration: Configuration?) -> Duration? {
        guard case .share(_, _, let window) = configuration?.limit else { return nil }
        return window
    }

    private static func share(_ configuration: Configuration?) -> ShareBudgetStateMachine? {
        guard case .share(let ratio, let minimumPerSecond, let window) = configuration?.limit else { return nil }
        return ShareBudgetStateMachine(ratio: ratio, minimumPerSecond: minimumPerSecond, window: window)
    }
}
