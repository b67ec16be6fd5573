/// The adaptive limiter's decisions about its limit: a value, without a clock, a lock or a wait.
package struct AdaptiveLimitStateMachine: Sendable {
    package private(set) var configuration: AdaptiveLimiter.Configuration
    /// How many calls may run at once.
    package private(set) var limit: Int
    // The one that the configuration names is there. Not cases of an enumeration: that would be copied out and in at each sample.
    private var aimd: AIMDLimit?
    private var vegas: VegasLimit?
    private var gradient2: Gradient2Limit?

    package init(_ configuration: AdaptiveLimiter.Configuration, random: inout some RandomNumberGenerator) {
        self.configuration = configuration
        limit = configuration.initial
        begin(random: &random)
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
        if aimd != nil {
            aimd!.sample(nanoseconds: nanoseconds, inFlight: inFlight, didDrop: didDrop, within: range)
            limit = aimd!.limit
        } else if vegas != nil {
            vegas!.sample(nanoseconds: nanoseconds, inFlight: inFlight, didDrop: didDrop, within: range, random: &random)
            limit = Int(vegas!.estimate)
        } else if gradient2 != nil {
            gradient2!.sample(nanoseconds: nanoseconds, inFlight: inFlight, didDrop: didDrop, within: range)
            limit = Int(gradient2!.estimate)
        }
        return limit
    }

    /// Puts a new configuration in force. The limit stays as far as the new bounds allow, and what was measured stays unless the
    /// algorithm is another one.
    package mutating func reconfigure(_ new: AdaptiveLimiter.Configuration, random: inout some RandomNumberGenerator) {
        configuration = new
        let range = new.minimum...new.maximum
        limit = min(max(limit, new.minimum), new.maximum)
        switch new.algorithm {
        case .aimd(let constants) where aimd != nil: aimd!.reconfigure(constants, within: range)
        case .vegas(let constants) where vegas != nil: vegas!.reconfigure(constants, within: range)
        case .gradient2(let constants) where gradient2 != nil: gradient2!.reconfigure(constants, within: range)
        default: begin(random: &random)
        }
    }

    /// Begins anew at the initial limit and forgets what was measured.
    package mutating func reset(random: inout some RandomNumberGenerator) {
        limit = configuration.initial
        begin(random: &random)
    }

    /// Begins the algorithm at the present limit.
    private mutating func begin(random: inout some RandomNumberGenerator) {
        (aimd, vegas, gradient2) = (nil, nil, nil)
        switch configuration.algorithm {
        case .aimd(let constants): aimd = AIMDLimit(constants, limit: limit)
        case .vegas(let constants): vegas = VegasLimit(constants, limit: limit, random: &random)
        case .gradient2(let constants): gradient2 = Gradient2Limit(constants, limit: limit)
        }
    }
}
