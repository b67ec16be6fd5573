extension AdaptiveLimiter {
    /// The settings of an adaptive limiter, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How the limit follows the service, with the constants that Netflix concurrency-limits publishes as defaults.
        public enum Algorithm: Hashable, Sendable {
            /// One more as long as all goes well, a share less at each drop.
            case aimd(AIMD = AIMD())
            /// By the length of the queue that round-trip times betray.
            case vegas(Vegas = Vegas())
            /// By the gradient of the round-trip time against its long average.
            case gradient2(Gradient2 = Gradient2())
        }

        /// An amount of calls that may depend on the limit.
        public enum Step: Hashable, Sendable {
            /// So many calls, 0 to 1,000,000.
            case fixed(Int)
            /// So many times, 0 to 1,000,000, the whole part of the decimal logarithm of the limit, which counts as at least 1.
            case logarithmic(Int)
            /// That share of the limit, 0 to 1.
            case share(Double)
        }

        /// How the limit follows the service.
        public let algorithm: Algorithm
        /// The limit to begin with.
        public let initial: Int
        /// The limit never falls below this.
        public let minimum: Int
        /// The limit never rises above this.
        public let maximum: Int
        /// How many calls may wait at once for a permit, each no longer than its deadline.
        public let maxQueued: Int
        /// The codes that are drops: signs of overload of their own, however quickly they came.
        public let drops: Set<StatusCode>

        let dropBits: UInt32

        /// The codes that are drops unless told otherwise: out of time, or turned away.
        public static let defaultDrops: Set<StatusCode> = [.deadlineExceeded, .resourceExhausted, .unavailable]

        /// Makes a configuration.
        /// - Parameters:
        ///   - algorithm: its constants are checked too.
        ///   - initial: from `minimum` to `maximum`; 20 by default, or the nearest that fits.
        ///   - minimum: at least 1; 4 by default.
        ///   - maximum: up to 1,000,000; 1,000 by default.
        ///   - maxQueued: 0 by default, so that a call above the limit is refused at once; up to 1,000,000.
        ///   - drops: replaces ``defaultDrops``.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            _ algorithm: Algorithm, initial: Int? = nil, minimum: Int = 4, maximum: Int = 1000, maxQueued: Int = 0,
            drops: Set<StatusCode> = defaultDrops
        ) throws(ConfigurationError) {
            try algorithm.check()
            try Require.within("maximum", maximum, 1...1_000_000)
            try Require.within("minimum", minimum, 1...maximum)
            if let initial { try Require.within("initial", initial, minimum...maximum) }
            try Require.within("maxQueued", maxQueued, 0...1_000_000)
            self.algorithm = algorithm
            self.initial = initial ?? min(max(20, minimum), maximum)
            self.minimum = minimum
            self.maximum = maximum
            self.maxQueued = maxQueued
            self.drops = drops
            dropBits = drops.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
        }
    }
}

extension AdaptiveLimiter.Configuration {
    /// The constants of additive increase, multiplicative decrease, after `limit/AIMDLimit.java` in Netflix/concurrency-limits.
    public struct AIMD: Hashable, Sendable {
        /// What a drop multiplies the limit by, 0.5 up to but not including 1.
        public var backoff: Double
        /// An answer that took longer counts as a drop; above zero.
        public var timeout: Duration {
            didSet { nanoseconds = timeout.nanoseconds }
        }
        /// The same, for the call path: reading a `Duration` costs a 128-bit division.
        private(set) var nanoseconds: Int64

        /// Makes the constants.
        public init(backoff: Double = 0.9, timeout: Duration = .seconds(5)) {
            self.backoff = backoff
            self.timeout = timeout
            nanoseconds = timeout.nanoseconds
        }
    }

    /// The constants of Vegas, after `limit/VegasLimit.java` in Netflix/concurrency-limits, which is after Brakmo and Peterson, "TCP
    /// Vegas" (1995).
    public struct Vegas: Hashable, Sendable {
        /// A queue shorter than this lets the limit grow by ``increase``.
        public var alpha: Step
        /// A queue longer than this makes the limit shrink by ``decrease``; with no queue to speak of, the limit grows by this.
        public var beta: Step
        /// A queue up to this is none to speak of.
        public var threshold: Step
        /// How much the limit grows at a time when the queue is manageable.
        public var increase: Step
        /// How much the limit shrinks at a time.
        public var decrease: Step
        /// The share of each step that is taken, above 0 up to 1.
        public var smoothing: Double
        /// The round-trip time without load is measured anew each so many times the limit in samples, 1 to 1,000,000; nil for never.
        public var probeEvery: Int?

        /// Makes the constants.
        public init(
            alpha: Step = .logarithmic(3), beta: Step = .logarithmic(6), threshold: Step = .logarithmic(1),
            increase: Step = .logarithmic(1), decrease: Step = .logarithmic(1), smoothing: Double = 1, probeEvery: Int? = 30
        ) {
            self.alpha = alpha
            self.beta = beta
            self.threshold = threshold
            self.increase = increase
            self.decrease = decrease
            self.smoothing = smoothing
            self.probeEvery = probeEvery
        }
    }

    /// The constants of Gradient2, after `limit/Gradient2Limit.java` in Netflix/concurrency-limits.
    public struct Gradient2: Hashable, Sendable {
        /// How far the limit may grow at a time, and so how long a queue is allowed for.
        public var queueSize: Step
        /// The share of each step that is taken, above 0 up to 1.
        public var smoothing: Double
        /// How many samples the long average of the round-trip time covers, 10 to 1,000,000.
        public var longWindow: Int
        /// A round-trip time is no sign of a queue until it exceeds the long average times this, 1 to 10.
        public var tolerance: Double
        /// What a drop multiplies the limit by, 0.5 up to but not including 1, before smoothing. Gradient2 has no rule for drops; this one
        /// is `limit/GradientLimit.java`'s.
        public var backoff: Double

        /// Makes the constants.
        public init(
            queueSize: Step = .fixed(4), smoothing: Double = 0.2, longWindow: Int = 600, tolerance: Double = 1.5, backoff: Double = 0.9
        ) {
            self.queueSize = queueSize
            self.smoothing = smoothing
            self.longWindow = longWindow
            self.tolerance = tolerance
            self.backoff = backoff
        }
    }
}

extension AdaptiveLimiter.Configuration.Algorithm {
    fileprivate func check() throws(ConfigurationError) {
        switch self {
        case .aimd(let aimd):
            try Self.backoff("aimd.backoff", aimd.backoff)
            try Require.positive("aimd.timeout", aimd.timeout)
        case .vegas(let vegas):
            try vegas.alpha.check("vegas.alpha")
            try vegas.beta.check("vegas.beta")
            try vegas.threshold.check("vegas.threshold")
            try vegas.increase.check("vegas.increase")
            try vegas.decrease.check("vegas.decrease")
            try Self.smoothing("vegas.smoothing", vegas.smoothing)
            if let every = vegas.probeEvery { try Require.within("vegas.probeEvery", every, 1...1_000_000) }
        case .gradient2(let gradient):
            try gradient.queueSize.check("gradient2.queueSize")
            try Self.smoothing("gradient2.smoothing", gradient.smoothing)
            try Require.within("gradient2.longWindow", gradient.longWindow, 10...1_000_000)
            try Require.within("gradient2.tolerance", gradient.tolerance, 1...10)
            try Self.backoff("gradient2.backoff", gradient.backoff)
        }
    }

    private static func smoothing(_ field: String, _ value: Double) throws(ConfigurationError) {
        guard value > 0, value <= 1 else { throw ConfigurationError(field, value, "is not above 0.0 and up to 1.0") }
    }

    private static func backoff(_ field: String, _ value: Double) throws(ConfigurationError) {
        guard value >= 0.5, value < 1 else { throw ConfigurationError(field, value, "is not from 0.5 up to, but not including, 1.0") }
    }
}

extension AdaptiveLimiter.Configuration.Step {
    fileprivate func check(_ field: String) throws(ConfigurationError) {
        switch self {
        case .fixed(let calls): try Require.within(field, calls, 0...1_000_000)
        case .logarithmic(let times): try Require.within("\(field).logarithmic", times, 0...1_000_000)
        case .share(let share): try Require.within("\(field).share", share, 0...1)
        }
    }

    /// The amount at that limit.
    func calls(at limit: Double) -> Double {
        switch self {
        case .fixed(let calls): return Double(calls)
        case .share(let share): return share * limit
        case .logarithmic(let times):
            var (logarithm, power) = (1, 100.0)
            while power <= limit {
                logarithm += 1
                power *= 10
            }
            return Double(times * logarithm)
        }
    }
}
