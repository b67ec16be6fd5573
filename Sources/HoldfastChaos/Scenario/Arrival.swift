/// How the calls of a load arrive.
package enum Arrival: Sendable, Hashable {
    /// At these rates, whether or not earlier calls were answered; in order of time, never empty, and nothing before the first.
    case open(Process, rate: [RatePoint])
    /// At these times from the start of the run, in order, whether or not earlier calls were answered.
    case trace([Duration])
    /// From so many users: each waits for its answer, pauses, and calls again.
    case closed(users: Int, think: ServiceTime)

    /// How the calls of an open load are spread about its rate.
    package enum Process: String, Sendable, Hashable, CaseIterable {
        /// Independent arrivals, as of many users who do not know of each other.
        case poisson
        /// Evenly spaced arrivals, as of a machine.
        case constant
        /// Gaps of any length up to twice the mean, one as likely as the other.
        case uniform
    }

    /// How many calls that makes until the end of the run; an expectation for an open load, nil for a closed one: that depends on the
    /// answers.
    package func expectedCalls(until end: Duration) -> Double? {
        switch self {
        case .open(_, let rate): RateCurve(points: rate, end: end).expectedCalls
        case .trace(let times): Double(times.count)
        case .closed: nil
        }
    }

    /// In a few words, for reports.
    package var words: String {
        switch self {
        case .open(let process, _): "open loop, \(process.rawValue) arrivals"
        case .trace: "open loop, arrivals of a trace"
        case .closed(let users, _): "closed loop of \(Figure.count(users, "user"))"
        }
    }
}

/// The rate of arrivals from a moment on.
package struct RatePoint: Sendable, Hashable {
    package enum Shape: Sendable, Hashable {
        /// The rate before holds up to this moment, then changes at once.
        case step
        /// The rate has moved here in a straight line since the point before.
        case linear
    }

    package var at: TimeReference
    package var callsPerSecond: Double
    package var shape: Shape

    package init(at: TimeReference, callsPerSecond: Double, shape: Shape = .step) {
        self.at = at
        self.callsPerSecond = callsPerSecond
        self.shape = shape
    }
}
