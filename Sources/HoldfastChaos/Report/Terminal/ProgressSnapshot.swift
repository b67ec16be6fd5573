/// What a run looks like at one moment: all that the terminal shows of it.
package struct ProgressSnapshot: Sendable, Hashable {
    /// A fault in force.
    package struct Fault: Sendable, Hashable {
        package var id: String
        package var hits: Int

        package init(id: String, hits: Int) {
            self.id = id
            self.hits = hits
        }
    }

    /// One load in its last full second.
    package struct Load: Sendable, Hashable {
        package var name: String
        /// Those that are under way now.
        package var underWay: Int
        /// Of the calls that were meant to start in that second, those that have ended.
        package var callsPerSecond: Double
        /// Nil where there was no call.
        package var successRatio: Double?
        package var answeredRatio: Double?
        /// Seconds; nil where there was no answer.
        package var p99: Double?
        package var attemptsPerCall: Double?

        /// The figures of one second of a load.
        package init(name: String, underWay: Int = 0, second aggregate: Aggregate) {
            self.name = name
            self.underWay = underWay
            callsPerSecond = Double(aggregate.calls)
            successRatio = aggregate.value(of: .successRatio)
            answeredRatio = aggregate.value(of: .answeredRatio)
            p99 = aggregate.value(of: .latency(.p99))
            attemptsPerCall = aggregate.value(of: .attemptsPerCall)
        }
    }

    /// A breaker up to now.
    package struct Breaker: Sendable, Hashable {
        package var name: String
        /// What it did so far, in order of time.
        package var transitions: [BreakerTransition]

        package init(name: String, transitions: [BreakerTransition]) {
            self.name = name
            self.transitions = transitions
        }
    }

    package var scenario: String
    package var seed: UInt64
    package var variant: String
    package var timeline: PhaseTimeline
    /// Nanoseconds from the start of the variant's load.
    package var now: Int64
    package var faults: [Fault]
    package var loads: [Load]
    package var breakers: [Breaker]
    /// The assertions decided so far.
    package var assertions: [AssertionResult]
    /// The ids of those still to come.
    package var pending: [String]

    package init(
        scenario: String, seed: UInt64, variant: String, timeline: PhaseTimeline, now: Int64, faults: [Fault] = [],
        loads: [Load] = [], breakers: [Breaker] = [], assertions: [AssertionResult] = [], pending: [String] = []
    ) {
        self.scenario = scenario
        self.seed = seed
        self.variant = variant
        self.timeline = timeline
        self.now = now
        self.faults = faults
        self.loads = loads
        self.breakers = breakers
        self.assertions = assertions
        self.pending = pending
    }
}
