/// How long a retry waits before its next attempt: how the wait grows, and how much of it is left to chance.
///
/// ```swift
/// let backoff = try Backoff.exponential(base: .milliseconds(50), factor: 2, max: .seconds(1), jitter: .full)
/// ```
public struct Backoff: Hashable, Sendable {
    /// How the wait grows from retry to retry.
    public enum Growth: Hashable, Sendable {
        /// The same wait each time.
        case constant(delay: Duration)
        /// `base`, then `step` more each time, up to `max`.
        case linear(base: Duration, step: Duration, max: Duration)
        /// `base`, then `factor` times as much each time, up to `max`.
        case exponential(base: Duration, factor: Double, max: Duration)
    }

    /// How much of the wait is drawn at random, so that callers who failed together do not come back together.
    ///
    /// Names and formulas are those of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    public enum Jitter: String, Hashable, Sendable, CaseIterable {
        /// Nothing: the wait is exactly what the growth gives.
        case none
        /// All of it: between zero and what the growth gives.
        case full
        /// Half of it: between half of what the growth gives and all.
        case equal
        /// Between `base` and three times the wait before, up to `max`; step and factor play no part. Around a constant, nothing.
        case decorrelated
    }

    /// How the wait grows.
    public let growth: Growth
    /// How much of it is drawn at random.
    public let jitter: Jitter

    private let base: Int64
    private let max: Int64

    /// 100 ms, doubling up to 2 s, all of it drawn at random.
    public static let standard = Backoff(
        unchecked: .exponential(base: .milliseconds(100), factor: 2, max: .seconds(2)), .full)

    /// Makes a backoff.
    /// - Parameters:
    ///   - growth: no wait is negative, an exponential `base` is above zero (a linear one too if decorrelated), the factor is
    ///     finite and at least 1, `max` is not below `base`.
    ///   - jitter: full by default.
    /// - Throws: ``ConfigurationError`` with the field, the value and the range.
    public init(_ growth: Growth, jitter: Jitter = .full) throws(ConfigurationError) {
        switch growth {
        case .constant(let delay):
            try Require.notNegative("backoff.constant.delay", delay)
        case .linear(let base, let step, let max):
            try Require.notNegative("backoff.linear.base", base)
            try Require.notNegative("backoff.linear.step", step)
            // Three times nothing is nothing, however often.
            if jitter == .decorrelated { try Require.positive("backoff.linear.base", base) }
            try Self.check("backoff.linear", base: base, max: max)
        case .exponential(let base, let factor, let max):
            try Require.positive("backoff.exponential.base", base)
            try Require.atLeast("backoff.exponential.factor", factor, 1)
            try Self.check("backoff.exponential", base: base, max: max)
        }
        self.init(unchecked: growth, jitter)
    }

    private init(unchecked growth: Growth, _ jitter: Jitter) {
        self.growth = growth
        self.jitter = jitter
        switch growth {
        case .constant(let delay): (base, max) = (delay.nanoseconds, delay.nanoseconds)
        case .linear(let base, _, let max), .exponential(let base, _, let max):
            (self.base, self.max) = (base.nanoseconds, max.nanoseconds)
        }
    }

    private static func check(_ field: String, base: Duration, max: Duration) throws(ConfigurationError) {
        guard max >= base else { throw ConfigurationError("\(field).max", max, "is below \(field).base, \(base)") }
    }

    /// The same wait each time, varied by `jitter`.
    public static func constant(_ delay: Duration, jitter: Jitter = .full) throws(ConfigurationError) -> Backoff {
        try Backoff(.constant(delay: delay), jitter: jitter)
    }

    /// Waits that grow by `step`.
    public static func linear(
        base: Duration, step: Duration, max: Duration, jitter: Jitter = .full
    ) throws(ConfigurationError) -> Backoff {
        try Backoff(.linear(base: base, step: step, max: max), jitter: jitter)
    }

    /// Waits that are multiplied by `factor`.
    public static func exponential(
        base: Duration = .milliseconds(100), factor: Double = 2, max: Duration = .seconds(2), jitter: Jitter = .full
    ) throws(ConfigurationError) -> Backoff {
        try Backoff(.exponential(base: base, factor: factor, max: max), jitter: jitter)
    }

    /// The shortest and the longest wait before a retry.
    /// - Parameters:
    ///   - retry: which retry, from 1; less counts as 1. However large, the bounds are finite and within `max`.
    ///   - previous: the wait before, which decorrelated jitter goes by; nil before the first retry.
    public func bounds(retry: Int, previous: Duration? = nil) -> (lower: Duration, upper: Duration) {
        let bounds = nanosecondBounds(retry: retry, previous: previous?.nanoseconds)
        return (.nanoseconds(bounds.lower), .nanoseconds(bounds.upper))
    }

    /// Draws the wait before a retry, evenly between its ``bounds(retry:previous:)``.
    public func delay(retry: Int, previous: Duration? = nil, random: RandomSource) -> Duration {
        let (lower, upper) = nanosecondBounds(retry: retry, previous: previous?.nanoseconds)
        return .nanoseconds(Self.draw(lower, upper, random))
    }

    func nanosecondBounds(retry: Int, previous: Int64?) -> (lower: Int64, upper: Int64) {
        let grown = grown(Swift.max(retry, 1))
        switch jitter {
        case .none: return (grown, grown)
        case .full: return (0, grown)
        case .equal: return (grown / 2, grown)
        case .decorrelated:
            let (tripled, overflow) = Swift.max(previous ?? base, base).multipliedReportingOverflow(by: 3)
            return (base, overflow ? max : min(tripled, max))
        }
    }

    static func draw(_ lower: Int64, _ upper: Int64, _ random: RandomSource) -> Int64 {
        guard lower < upper else { return lower }
        // Rounding may carry the product up to the whole width, never past `upper`.
        return min(lower.addingSaturating(Int64(saturating: random.uniform() * Double(upper - lower))), upper)
    }

    /// What the growth gives for that retry, in nanoseconds; the cap applies last.
    private func grown(_ retry: Int) -> Int64 {
        switch growth {
        case .constant: return base
        case .linear(_, let step, _):
            let (steps, overflow) = step.nanoseconds.multipliedReportingOverflow(by: Int64(retry - 1))
            return overflow ? max : min(base.addingSaturating(steps), max)
        case .exponential(_, let factor, _):
            var power = 1.0
            var square = factor
            // Squaring, since the standard library has no power function: 64 steps at most, and infinity is as good as any end.
            var exponent = retry - 1
            while exponent > 0 {
                if exponent & 1 == 1 { power *= square }
                square *= square
                exponent >>= 1
            }
            return min(Int64(saturating: Double(base) * power), max)
        }
    }
}

extension Backoff {
    /// The waits as in "makes 3 attempts, 50 ms apart".
    var words: String {
        switch (growth, jitter) {
        case (.constant(.zero), _): "at once"
        case (.constant(let delay), .none), (.constant(let delay), .decorrelated): "\(Words.time(delay)) apart"
        case (.constant(let delay), _): "up to \(Words.time(delay)) apart (\(jitter.rawValue) jitter)"
        case (.linear(let base, _, let max), .decorrelated), (.exponential(let base, _, let max), .decorrelated):
            "\(Words.time(base)) to \(Words.time(max)) apart (decorrelated jitter)"
        case (.linear(let base, let step, let max), _):
            "\(Words.time(base)) and \(Words.time(step)) more each time up to \(Words.time(max)) apart (\(jitter.rawValue) jitter)"
        case (.exponential(let base, let factor, let max), _):
            "\(Words.time(base)) and \(Words.number(factor)) times as much each time up to \(Words.time(max)) apart (\(jitter.rawValue) jitter)"
        }
    }
}
