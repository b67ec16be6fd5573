extension CircuitBreaker {
    /// The settings of a circuit breaker, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// Which calls the rates are computed over.
        public enum Window: Hashable, Sendable {
            /// The last so many calls.
            case count(Int)
            /// The calls of the last so long, counted in buckets of an equal share of it each.
            case time(Duration, buckets: Int = 10)

            var isTimed: Bool {
                if case .time = self { true } else { false }
            }
        }

        /// When a call is slow, and which share of slow calls opens the breaker.
        public struct SlowCalls: Hashable, Sendable {
            /// A call that takes longer than this is slow.
            public var over: Duration {
                didSet { nanoseconds = over.nanoseconds }
            }
            /// The same, for the call path: reading a `Duration` costs a 128-bit division.
            private(set) var nanoseconds: Int64
            /// The share of slow calls, 0 to 1, from which on the breaker opens.
            public var rate: Double
            /// Whether a call counts as slow as soon as it has run longer than ``over``, before it ends.
            public var countRunning: Bool

            /// Makes the rule.
            public init(over: Duration, rate: Double, countRunning: Bool = false) {
                self.over = over
                nanoseconds = over.nanoseconds
                self.rate = rate
                self.countRunning = countRunning
            }
        }

        /// How long the breaker stays open.
        public struct Open: Hashable, Sendable {
            /// The first open time.
            public var duration: Duration
            /// Each opening that follows without a full window closed between is longer by this factor; at least 1.
            public var factor: Double
            /// No open time is longer, jitter and a server's retry-after included.
            public var max: Duration
            /// The open time is spread evenly over this share of itself up and down, 0 to 1.
            public var jitter: Double

            /// Makes the rule.
            public init(for duration: Duration = .seconds(5), factor: Double = 2, max: Duration = .seconds(60), jitter: Double = 0.2) {
                self.duration = duration
                self.factor = factor
                self.max = max
                self.jitter = jitter
            }
        }

        /// How the breaker finds out whether the service is back.
        public struct HalfOpen: Hashable, Sendable {
            /// How many attempts are let through to decide.
            public var probes: Int
            /// The share of failed probes, 0 to 1, from which on the breaker opens again; nil for the closed state's.
            public var failureRate: Double?
            /// A probe that has not come back after this counts as failed; nil for the call's deadline, or 10 s without one.
            public var lease: Duration?

            /// Makes the rule.
            public init(probes: Int = 3, failureRate: Double? = nil, lease: Duration? = nil) {
                self.probes = probes
                self.failureRate = failureRate
                self.lease = lease
            }
        }

        /// Whether the breaker decides by itself.
        public enum Mode: String, Hashable, Sendable, CaseIterable {
            /// It opens and closes by what it records.
            case automatic
            /// It refuses every call.
            case isolated
            /// It refuses none and records nothing.
            case disabled
            /// It refuses none, records, and reports what it would have done.
            case observing
        }

        /// Which calls the rates are computed over.
        public let window: Window
        /// The rates apply from this many recorded calls on.
        public let minimumCalls: Int
        /// The share of failures, 0 to 1, from which on the breaker opens; nil for never by rate.
        public let failureRate: Double?
        /// So many failures in a row open the breaker; nil for never by a row.
        public let consecutiveFailures: Int?
        /// The rule for slow calls; nil for none.
        public let slowCalls: SlowCalls?
        /// How long it stays open.
        public let open: Open
        /// How it finds out whether the service is back.
        public let halfOpen: HalfOpen
        /// After closing, the share of calls let through grows from a tenth to all over this time.
        public let rampAfterClose: Duration
        /// Whether it decides by itself.
        public let mode: Mode
        /// Which errors are failures.
        public let classification: Classification

        /// Makes a configuration.
        /// - Parameters:
        ///   - window: count 1 to 100,000, or a time above zero in 10 to 60 buckets; 30 s in 10 buckets by default.
        ///   - minimumCalls: at least 1 and at most a count window; by default 20, or the count window if that is smaller.
        ///   - failureRate: 0 to 1; 0.5 by default.
        ///   - consecutiveFailures: at least 1; off by default.
        ///   - slowCalls: off by default.
        ///   - open: 5 s, growing by 2 up to 60 s, jitter 0.2 by default.
        ///   - halfOpen: 3 probes by default; 1 to 10,000.
        ///   - rampAfterClose: zero, which is off, by default.
        ///   - mode: automatic by default.
        ///   - classification: the standard one by default.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            window: Window = .time(.seconds(30), buckets: 10),
            minimumCalls: Int? = nil,
            failureRate: Double? = 0.5,
            consecutiveFailures: Int? = nil,
            slowCalls: SlowCalls? = nil,
            open: Open = Open(),
            halfOpen: HalfOpen = HalfOpen(),
            rampAfterClose: Duration = .zero,
            mode: Mode = .automatic,
            classification: Classification = .standard
        ) throws(ConfigurationError) {
            self.window = window
            switch window {
            case .count(let count):
                try Require.within("window.count", count, 1...100_000)
                self.minimumCalls = minimumCalls ?? Swift.min(20, count)
                guard self.minimumCalls <= count else {
                    throw ConfigurationError(
                        "minimumCalls", self.minimumCalls, "is above the count window and would never be reached; give 1...\(count)")
                }
            case .time(let time, let buckets):
                try Require.positive("window.time", time)
                try Require.within("window.buckets", buckets, 10...60)
                guard time.nanoseconds >= Int64(buckets) else {
                    throw ConfigurationError("window.time", time, "is shorter than its \(buckets) buckets of a nanosecond")
                }
                self.minimumCalls = minimumCalls ?? 20
            }
            try Require.within("minimumCalls", self.minimumCalls, 1...1_000_000_000)
            if let failureRate { try Require.within("failureRate", failureRate, 0...1) }
            if let consecutiveFailures { try Require.within("consecutiveFailures", consecutiveFailures, 1...1_000_000) }
            if let slowCalls {
                try Require.positive("slowCalls.over", slowCalls.over)
                try Require.within("slowCalls.rate", slowCalls.rate, 0...1)
            }
            try Require.positive("open.for", open.duration)
            try Require.atLeast("open.factor", open.factor, 1)
            guard open.max >= open.duration else {
                throw ConfigurationError("open.max", open.max, "is below open.for, \(open.duration)")
            }
            try Require.within("open.jitter", open.jitter, 0...1)
            try Require.within("halfOpen.probes", halfOpen.probes, 1...10_000)
            if let rate = halfOpen.failureRate { try Require.within("halfOpen.failureRate", rate, 0...1) }
            if let lease = halfOpen.lease { try Require.positive("halfOpen.lease", lease) }
            try Require.notNegative("rampAfterClose", rampAfterClose)
            self.failureRate = failureRate
            self.consecutiveFailures = consecutiveFailures
            self.slowCalls = slowCalls
            self.open = open
            self.halfOpen = halfOpen
            self.rampAfterClose = rampAfterClose
            self.mode = mode
            self.classification = classification
        }
    }
}

extension CircuitBreaker.Configuration {
    /// When it opens and for how long, as in "opens for 5 s when 50 % of at least 20 calls in 30 s fail".
    var words: String {
        let calls =
            switch window {
            case .count(let count): "at least \(minimumCalls) among the last \(Words.count(count, "call"))"
            case .time(let time, _): "at least \(Words.count(minimumCalls, "call")) in \(Words.time(time))"
            }
        var conditions: [String] = []
        if let failureRate { conditions.append("\(Words.percent(failureRate)) of \(calls) fail") }
        if let slowCalls {
            let whose = failureRate == nil ? calls : "them"
            conditions.append("\(Words.percent(slowCalls.rate)) of \(whose) take longer than \(Words.time(slowCalls.over))")
        }
        if let consecutiveFailures { conditions.append("\(Words.count(consecutiveFailures, "call")) in a row fail") }
        guard !conditions.isEmpty else { return "opens only by hand" }
        let growth = open.factor > 1 && open.max > open.duration ? ", growing to \(Words.time(open.max))," : ""
        return "opens for \(Words.time(open.duration))\(growth) when \(Words.list(conditions, "or")); "
            + "\(Words.count(halfOpen.probes, "probe")) then \(halfOpen.probes == 1 ? "decides" : "decide")"
    }
}

extension CircuitBreaker.Configuration.Open {
    /// How long an opening lasts: `for` times `factor` for each one before it in a row, at most `max`, with jitter.
    /// - Parameter number: which opening of a row it is, from 1.
    func time(ofOpening number: Int, random: inout some RandomNumberGenerator) -> Duration {
        var exponent = Swift.max(number - 1, 0)
        var seconds = duration.seconds
        let limit = max.seconds
        // Stops as soon as the limit is reached, so that no exponent overflows; a factor of 1 needs no turn at all.
        while exponent > 0, seconds < limit, factor > 1 {
            seconds *= factor
            exponent -= 1
        }
        seconds = min(seconds, limit)
        if jitter > 0 { seconds *= 1 + jitter * (2 * SplitMix64.unitInterval(random.next()) - 1) }
        return min(.nanoseconds(Int64(saturating: seconds * 1e9)), max)
    }
}
