/// The adaptive limiter's decisions about its limit: a value, without a clock, a lock or a wait.
package struct AdaptiveLimitStateMachine: Sendable {
    private enum Algorithm {
        case aimd(AIMDLimit)
        case vegas(VegasLimit)
        case gradient2(Gradient2Limit)
    }

    package private(set) var configuration: AdaptiveLimiter.Configuration
    /// How many calls may run at once.
    package private(set) var limit: Int
    private var algorithm: Algorithm

    package init(_ configuration: AdaptiveLimiter.Configuration, random: inout some RandomNumberGenerator) {
        self.configuration = configuration
        limit = configuration.initial
        algorithm = Self.begin(configuration, limit: configuration.initial, random: &random)
    }

    /// Learns how one attempt ended.
    /// - Parameters:
    ///   - rtt: how long it took; less than a nanosecond counts as one.
    ///   - inFlight: how many attempts ran when it began, itself included. The limit does not climb while that is below half of it.
    ///   - didDrop: whether it ended by a timeout or an overload.
    /// - Returns: the new limit.
    @discardableResult
    package mutating func sample(rtt: Duration, inFlight: Int, didDrop: Bool, random: inout some RandomNumberGenerator) -> Int {
        sample(nanoseconds: rtt.nanoseconds, inFlight: inFlight, didDrop: didDrop, random: &random)
    }

    /// The same for the call path: reading a `Duration` costs a 128-bit division.
    @discardableResult
    mutating func sample(nanoseconds: Int64, inFlight: Int, didDrop: Bool, random: inout some RandomNumberGenerator) -> Int {
        let nanoseconds = max(nanoseconds, 1)
        let range = configuration.minimum...configuration.maximum
        switch algorithm {
        case .aimd(var aimd):
            aimd.sample(nanoseconds: nanoseconds, inFlight: inFlight, didDrop: didDrop, within: range)
            limit = aimd.limit
            algorithm = .aimd(aimd)
        case .vegas(var vegas):
            vegas.sample(nanoseconds: nanoseconds, inFlight: inFlight, didDrop: didDrop, within: range, random: &random)
            limit = Int(vegas.estimate)
            algorithm = .vegas(vegas)
        case .gradient2(var gradient):
            gradient.sample(nanoseconds: nanoseconds, inFlight: inFlight, didDrop: didDrop, within: range)
            limit = Int(gradient.estimate)
            algorithm = .gradient2(gradient)
        }
        return limit
    }

    /// Puts a new configuration in force. The limit stays as far as the new bounds allow, and what was measured stays unless the
    /// algorithm is another one.
    package mutating func reconfigure(_ new: AdaptiveLimiter.Configuration, random: inout some RandomNumberGenerator) {
        configuration = new
        let range = new.minimum...new.maximum
        limit = min(max(limit, new.minimum), new.maximum)
        switch (algorithm, new.algorithm) {
        case (.aimd(var aimd), .aimd(let constants)):
            aimd.constants = constants
            aimd.move(to: aimd.limit, within: range)
            algorithm = .aimd(aimd)
        case (.vegas(var vegas), .vegas(let constants)):
            vegas.constants = constants
            vegas.clamp(to: range)
            algorithm = .vegas(vegas)
        case (.gradient2(var gradient), .gradient2(let constants)):
            gradient.constants = constants
            gradient.clamp(to: range)
            algorithm = .gradient2(gradient)
        default:
            algorithm = Self.begin(new, limit: limit, random: &random)
        }
    }

    /// Begins anew at the initial limit and forgets what was measured.
    package mutating func reset(random: inout some RandomNumberGenerator) {
        limit = configuration.initial
        algorithm = Self.begin(configuration, limit: limit, random: &random)
    }

    private static func begin(
        _ configuration: AdaptiveLimiter.Configuration, limit: Int, random: inout some RandomNumberGenerator
    ) -> Algorithm {
        switch configuration.algorithm {
        case .aimd(let constants): .aimd(AIMDLimit(constants, limit: limit))
        case .vegas(let constants): .vegas(VegasLimit(constants, limit: limit, random: &random))
        case .gradient2(let constants): .gradient2(Gradient2Limit(constants, limit: limit))
        }
    }
}
