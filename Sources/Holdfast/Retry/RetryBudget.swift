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

    /// gRPC's throttle or a token bucket, as one word; or what stands for a share or for no limit.
    ///
    /// Each change is one compare-and-exchange of the whole state, so the steps of all tasks have one order, the word's own.
    private let tokens: Atomic<UInt64>
    /// First attempts and, second, the further ones.
    private let attempts: RollingCounter
    private let core: Locked<Core>

    private static let isShare: UInt64 = 0
    private static let isUnlimited: UInt64 = .max

    /// Makes a budget; a throttle's bucket is full, and so is a token bucket.
    public convenience init(_ configuration: Configuration = .standard, timeSource: TimeSource = .system) {
        self.init(ifAny: configuration, timeSource: timeSource)
    }

    /// Makes a budget; nil refuses nothing.
    init(ifAny configuration: Configuration?, timeSource: TimeSource) {
        self.timeSource = timeSource
        tokens = Atomic(Self.word(configuration, after: Self.isUnlimited))
        attempts = RollingCounter(window: Self.window(configuration) ?? .seconds(10), now: timeSource.now())
        core = Locked(Core(configuration: configuration, share: Self.share(configuration)))
    }

    /// How many further attempts it would allow at once now; for a throttle or a token bucket, the tokens in it; infinite without a limit.
    ///
    /// Below zero when first attempts left the window before the retries they paid for.
    public var balance: Double {
        let word = tokens.load(ordering: .relaxed)
        if let bucket = TokenBucketWord(rawValue: word) { return Double(bucket.tokens) / Double(TokenBucketWord.token) }
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
        case .tokenBucket(let tokens, let perCall):
            "within a bucket of \(Words.count(tokens, "token")), one for each retry, \(Words.number(perCall)) back for each call"
        }
    }

    /// Puts new settings in force. What was counted stays unless the window changes; a bucket stays as full in proportion.
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
            _ = exchange { Self.word(configuration, after: $0) }
        }
    }

    /// A call makes its first attempt.
    package func deposit(_ attempt: inout Attempt) {
        let word = tokens.load(ordering: .relaxed)
        if word == Self.isShare {
            attempts.addFirst(attempt.now())
        } else if TokenBucketBudgetStateMachine(rawValue: word) != nil {
            _ = exchange { TokenBucketBudgetStateMachine(rawValue: $0)?.calling.rawValue ?? $0 }
        }
    }

    /// Asks for leave to make a further attempt; check and withdrawal are one step.
    package func take(_ attempt: inout Attempt) -> Bool {
        let word = tokens.load(ordering: .relaxed)
        if let throttle = ThrottleBudgetStateMachine(rawValue: word) { return throttle.allowsRetry }
        if TokenBucketBudgetStateMachine(rawValue: word) != nil {
            return exchange { TokenBucketBudgetStateMachine(rawValue: $0)?.retrying?.rawValue ?? $0 }
        }
        guard word == Self.isShare, let share = core.withLock({ $0.share }) else { return true }
        return attempts.addSecond(attempt.now()) { share.allowsRetry(deposits: $0.first, withdrawals: $0.second) }
    }

    /// Whether ``record(failed:)`` of a failure means anything, so that it need not be classified for nothing.
    package var countsFailures: Bool {
        ThrottleBudgetStateMachine(rawValue: tokens.load(ordering: .relaxed)) != nil
    }

    /// An attempt succeeded, or failed in a way that is retried or with the wish not to be.
    package func record(failed: Bool) {
        _ = exchange { word in ThrottleBudgetStateMachine(rawValue: word)?.recording(failed: failed).rawValue ?? word }
    }

    /// Takes a step of the word's state.
    /// - Returns: whether it changed anything.
    private func exchange(_ step: (UInt64) -> UInt64) -> Bool {
        var word = tokens.load(ordering: .relaxed)
        while true {
            let next = step(word)
            // A success while the bucket is full, or any while there is none, changes nothing and writes nothing.
            guard next != word else { return false }
            let (exchanged, original) = tokens.weakCompareExchange(expected: word, desired: next, ordering: .relaxed)
            if exchanged { return true }
            word = original
        }
    }

    private static func word(_ configuration: Configuration?, after old: UInt64) -> UInt64 {
        switch configuration?.limit {
        case nil: return isUnlimited
        case .share: return isShare
        case .grpcThrottle(let maxTokens, let tokenRatio):
            let full = ThrottleBudgetStateMachine(maxTokens: maxTokens, tokenRatio: tokenRatio)
            return ThrottleBudgetStateMachine(rawValue: old)?.reconfigured(as: full).rawValue ?? full.rawValue
        case .tokenBucket(let maxTokens, let tokensPerCall):
            let full = TokenBucketBudgetStateMachine(maxTokens: maxTokens, tokensPerCall: tokensPerCall)
            return TokenBucketBudgetStateMachine(rawValue: old)?.reconfigured(as: full).rawValue ?? full.rawValue
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
