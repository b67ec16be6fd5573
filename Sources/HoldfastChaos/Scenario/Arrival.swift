/// How calls of an open load arrive, whether or not earlier ones were answered.
package struct Arrival: Sendable, Hashable {
    package enum Process: Sendable, Hashable {
        /// Independent arrivals, as of many users who do not know of each other.
        case poisson
        /// Evenly spaced arrivals, as of a machine.
        case constant
    }

    package var process: Process
    /// In order of time, never empty; before the first point nothing arrives.
    package var rate: [RatePoint]

    package init(process: Process, rate: [RatePoint]) {
        self.process = process
        self.rate = rate
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
