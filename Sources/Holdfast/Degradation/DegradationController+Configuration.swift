extension DegradationController {
    /// The settings of degradation, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// Two levels of one signal. They differ, so that the answer to a pressure does not itself end the answer.
        public struct Threshold<Value: Comparable & Hashable & Sendable>: Hashable, Sendable {
            /// At this or above it is pressure.
            public var enter: Value
            /// At this or below it is calm; below ``enter``.
            public var leave: Value

            /// Makes a threshold.
            public init(enter: Value, leave: Value) {
                self.enter = enter
                self.leave = leave
            }
        }

        /// Calls in flight, above 0 to 1,000,000,000; nil when they are no signal.
        public let inFlight: Threshold<Int>?
        /// How long calls wait in queues; nil when that is no signal.
        public let queueTime: Threshold<Duration>?
        /// How late timers and tasks come; nil when that is no signal.
        public let eventLoopLag: Threshold<Duration>?
        /// The used share of the processor time that the process may use, 0 to 1; nil when that is no signal.
        public let cpu: Threshold<Double>?
        /// The used share of the memory that the process may use, 0 to 1; nil when that is no signal.
        public let memory: Threshold<Double>?
        /// Once a level is taken it is not left for a lower one before this is over. Under pressure the next higher one is taken a tenth
        /// of this later: long enough to see what the last step did, and short beside the harm.
        public let hold: Duration
        /// How often the signals are read.
        public let sampleEvery: Duration

        /// Makes a configuration. At least one signal is needed.
        /// - Parameters:
        ///   - inFlight: `enter` above `leave`, as for all; `leave` may be 0.
        ///   - queueTime: what ``DegradationController/report(queueTime:)`` is told; nothing reports by itself.
        ///   - eventLoopLag: measured, and reported by event loops.
        ///   - cpu: measured on Linux.
        ///   - memory: measured on Linux.
        ///   - hold: above zero; 5 s by default.
        ///   - sampleEvery: 1 ms to 1 minute; 100 ms by default.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            inFlight: Threshold<Int>? = nil, queueTime: Threshold<Duration>? = nil, eventLoopLag: Threshold<Duration>? = nil,
            cpu: Threshold<Double>? = nil, memory: Threshold<Double>? = nil,
            hold: Duration = .seconds(5), sampleEvery: Duration = .milliseconds(100)
        ) throws(ConfigurationError) {
            try Self.check(inFlight, "signals.inFlight", 1...1_000_000_000, lowest: 0)
            try Self.check(queueTime, "signals.queueTime", .nanoseconds(1) ... .seconds(86_400), lowest: .zero)
            try Self.check(eventLoopLag, "signals.eventLoopLag", .nanoseconds(1) ... .seconds(86_400), lowest: .zero)
            try Self.check(cpu, "signals.cpu", Double.leastNonzeroMagnitude...1, lowest: 0)
            try Self.check(memory, "signals.memory", Double.leastNonzeroMagnitude...1, lowest: 0)
            try Require.positive("hold", hold)
            try Require.within("sampleEvery", sampleEvery, .milliseconds(1) ... .seconds(60))
            self.inFlight = inFlight
            self.queueTime = queueTime
            self.eventLoopLag = eventLoopLag
            self.cpu = cpu
            self.memory = memory
            self.hold = hold
            self.sampleEvery = sampleEvery
            guard Pressure.allCases.contains(where: { threshold($0) != nil }) else {
                let names = Pressure.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError("signals", "none", "would never shed a call; give at least one of \(names)")
            }
        }

        /// The threshold of one signal in the unit of ``Pressure``; nil when it is no signal.
        func threshold(_ pressure: Pressure) -> Threshold<Double>? {
            switch pressure {
            case .inFlight: inFlight.map { .init(enter: Double($0.enter), leave: Double($0.leave)) }
            case .queueTime: queueTime.map { .init(enter: $0.enter.seconds, leave: $0.leave.seconds) }
            case .eventLoopLag: eventLoopLag.map { .init(enter: $0.enter.seconds, leave: $0.leave.seconds) }
            case .cpu: cpu
            case .memory: memory
            }
        }

        private static func check<Value>(
            _ threshold: Threshold<Value>?, _ field: String, _ enter: ClosedRange<Value>, lowest: Value
        ) throws(ConfigurationError) {
            guard let threshold else { return }
            guard threshold.enter >= enter.lowerBound, threshold.enter <= enter.upperBound else {
                throw ConfigurationError("\(field).enter", threshold.enter, "is not above \(lowest) and up to \(enter.upperBound)")
            }
            guard threshold.leave >= lowest, threshold.leave < threshold.enter else {
                throw ConfigurationError(
                    "\(field).leave", threshold.leave, "is not from \(lowest) up to, but not including, enter, \(threshold.enter)")
            }
        }
    }
}
