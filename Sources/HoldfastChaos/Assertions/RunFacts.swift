/// What the engine knows of a finished variant beside its calls.
package struct RunFacts: Sendable {
    /// How a fault ended.
    package struct Fault: Sendable, Hashable {
        package var id: String
        /// Attempts or processes that it hit.
        package var hits: Int
        /// Whether it was taken back and a probe went through afterwards.
        package var isUndone: Bool
        /// Why this machine cannot inject it, so that it was skipped; nil for one that it can.
        package var obstacle: String?

        package init(id: String, hits: Int, isUndone: Bool, obstacle: String? = nil) {
            self.id = id
            self.hits = hits
            self.isUndone = isUndone
            self.obstacle = obstacle
        }
    }

    /// What services made of the calls of a load.
    package struct Worked: Sendable, Hashable {
        /// How many of them a worker began to work on.
        package var calls: Int
        /// How often it did so again.
        package var repeated: Int

        package init(calls: Int, repeated: Int) {
            self.calls = calls
            self.repeated = repeated
        }
    }

    /// How many calls each load offered, by name.
    package var offered: [String: Int]
    /// The most attempts that the policies allow a call.
    package var maximumAttempts: Int
    /// The faults that came into force.
    package var faults: [Fault]
    /// What each breaker did, by its element name, in order of time; one that never moved has an empty list.
    package var breakers: [String: [BreakerTransition]]
    /// What services made of the calls that must not be served twice: of each load whose route is not idempotent.
    package var writes: [String: Worked]
    /// What was left behind, a sentence each.
    package var leaks: [String]
    /// What each replica had to do.
    package var replicas: [ReplicaPlace: ReplicaWork] = [:]

    package init(
        offered: [String: Int], maximumAttempts: Int = 1, faults: [Fault] = [], breakers: [String: [BreakerTransition]] = [:],
        writes: [String: Worked] = [:], leaks: [String] = []
    ) {
        self.offered = offered
        self.maximumAttempts = maximumAttempts
        self.faults = faults
        self.breakers = breakers
        self.writes = writes
        self.leaks = leaks
    }
}
