import Holdfast

/// What happens in a variant, noted as it happens by all who take part.
final class RunLog: Sendable {
    private struct State {
        var recorder: Recorder
        var transitions: [String: [BreakerTransition]]
        var decided: [AssertionResult] = []
        var hits: [String: Int] = [:]
        /// How often a worker began to work on each call of a load.
        var worked: [String: [Int: Int]] = [:]
        var replicas: [ReplicaPlace: ReplicaWork] = [:]
    }

    private let state: Locked<State>

    /// - Parameter breakers: the names of all breakers; one that never moves has an empty story.
    init(_ recorder: Recorder, breakers: [String]) {
        state = Locked(
            State(recorder: recorder, transitions: Dictionary(breakers.map { ($0, []) }, uniquingKeysWith: { first, _ in first })))
    }

    func record(_ call: CallRecord) {
        state.withLock { $0.recorder.record(call) }
    }

    func record(_ transition: BreakerTransition) {
        state.withLock { $0.transitions[transition.breaker, default: []].append(transition) }
    }

    /// Takes in a breaker that has not moved yet.
    func follow(breaker: String) {
        state.withLock { $0.transitions[breaker, default: []] += [] }
    }

    func decided(_ results: [AssertionResult]) {
        state.withLock { $0.decided += results }
    }

    /// Notes how many attempts each fault has hit so far.
    func note(hits: [RunFacts.Fault]) {
        state.withLock { state in
            for fault in hits { state.hits[fault.id] = fault.hits }
        }
    }

    /// Notes what a replica told of itself in one bin.
    /// - Parameter loads: those that it serves, with what an adaptive limiter lets through of each.
    func note(_ observation: Observation?, of place: ReplicaPlace, loads: [(name: String, limit: Int?)], bin: Int) {
        state.withLock { state in
            for load in loads { state.recorder.note(observation?.occupancy, limit: load.limit, load: load.name, bin: bin) }
            if let observation { state.replicas[place, default: ReplicaWork()].add(observation, second: bin / Recorder.binsPerSecond) }
            for (load, calls) in observation?.worked ?? [:] {
                for call in calls { state.worked[load, default: [:]][call, default: 0] += 1 }
            }
        }
    }

    /// How many calls of a load were worked on, and how often one was once more.
    func worked(load: String) -> RunFacts.Worked {
        let counts = state.withLock { $0.worked[load] ?? [:] }
        return RunFacts.Worked(calls: counts.count, repeated: counts.values.reduce(0) { $0 + $1 - 1 })
    }

    /// On how many attempts a replica began to work in a second.
    func worked(by place: ReplicaPlace, second: Int) -> Int {
        state.withLock { $0.replicas[place]?.seconds[second] ?? 0 }
    }

    /// What each replica had to do.
    var replicas: [ReplicaPlace: ReplicaWork] { state.withLock { $0.replicas } }

    var recorder: Recorder { state.withLock { $0.recorder } }
    var transitions: [String: [BreakerTransition]] { state.withLock { $0.transitions } }
    var assertions: [AssertionResult] { state.withLock { $0.decided } }
    var hits: [String: Int] { state.withLock { $0.hits } }

    func second(_ second: Int, of load: String) -> Aggregate {
        state.withLock { $0.recorder.aggregate(second: second, load: load) }
    }
}
