import Holdfast

/// Decides in the service's process which attempts the faults in force hit, and counts the hits.
package final class FaultInjector: Sendable {
    fileprivate struct State {
        var plan: FaultPlan
        var hits: [String: Int] = [:]
        var counters: [String: Counter] = [:]
    }

    /// What `nth`, `every` and `first` count, from the moment the fault came into force.
    fileprivate struct Counter {
        var seen = 0
        /// The number that a request got at its first attempt.
        var requests: [Request: Int] = [:]
    }

    fileprivate struct Request: Hashable {
        let load: String
        let callIndex: Int
    }

    private let state: Locked<State>

    package init(_ plan: FaultPlan) {
        state = Locked(State(plan: plan))
    }

    /// Puts other faults into force; hits are kept, counting starts anew for faults that were not in force.
    package func install(_ plan: FaultPlan) {
        state.withLock { state in
            state.plan = plan
            let ids = Set(plan.entries.map(\.id))
            state.counters = state.counters.filter { ids.contains($0.key) }
        }
    }

    /// How many attempts each fault hit.
    package var hits: [String: Int] {
        state.withLock { $0.hits }
    }

    /// What happens to attempt `attempt` of call `callIndex` of a load; the first fault of the plan that hits it acts.
    package func decide(load: String, callIndex: Int, attempt: Int) -> FaultDecision {
        state.withLock { state in
            var decision = FaultDecision.none
            for entry in state.plan.entries {
                // Asked of every entry, so that what one counts does not depend on what another hit.
                guard !entry.effect.isOfWorkers, state.isHit(by: entry, load: load, callIndex: callIndex, attempt: attempt),
                    decision == .none
                else { continue }
                decision = entry.decision(
                    KeyedRandom(seed: state.plan.seed).keyed("latency").keyed(entry.id).keyed(load).keyed(callIndex).keyed(attempt))
                state.hits[entry.id, default: 0] += 1
            }
            return decision
        }
    }

    /// How much slower the workers are for the call that a worker takes on now; 1 for not at all.
    package func slowdown() -> Double {
        state.withLock { state in
            var slowdown = 1.0
            for entry in state.plan.entries {
                guard case .capacity(let share) = entry.effect else { continue }
                slowdown /= share
                state.hits[entry.id, default: 0] += 1
            }
            return slowdown
        }
    }
}

extension FaultInjector.State {
    fileprivate mutating func isHit(by entry: FaultPlan.Entry, load: String, callIndex: Int, attempt: Int) -> Bool {
        if case .share(let lower, let upper) = entry.rule {
            let attempt = entry.per == .attempt ? attempt : nil
            let draw = FaultDraw.uniform(
                seed: plan.seed, key: entry.drawKey, load: load, callIndex: callIndex, attempt: attempt)
            return draw >= lower && draw < upper
        }
        let number = counters[entry.id, default: .init()].number(per: entry.per, load: load, callIndex: callIndex)
        return entry.rule.admits(number)
    }
}

extension FaultInjector.Counter {
    fileprivate mutating func number(per unit: Selection.Unit, load: String, callIndex: Int) -> Int {
        guard unit == .request else {
            seen += 1
            return seen
        }
        let request = FaultInjector.Request(load: load, callIndex: callIndex)
        if let number = requests[request] { return number }
        seen += 1
        requests[request] = seen
        return seen
    }
}

extension FaultPlan.Rule {
    /// Whether a counting rule takes the one that came as number `number`, from 1.
    func admits(_ number: Int) -> Bool {
        switch self {
        case .share: false
        case .all: true
        case .nth(let nth): number == nth
        case .every(let interval): number % interval == 0
        case .first(let count): number <= count
        }
    }
}

extension FaultPlan.Entry {
    fileprivate func decision(_ random: KeyedRandom) -> FaultDecision {
        switch effect {
        case .error(let code, let message): .error(StatusCode(rawValue: code) ?? .unknown, message: message)
        case .hang: .hang
        case .latency(let time): .delay(time.sample(using: random.sequence))
        case .capacity, .network: .none
        }
    }
}

extension FaultPlan.Effect {
    /// Whether it says how the workers or the network work, and nothing about a single call.
    fileprivate var isOfWorkers: Bool {
        switch self {
        case .capacity, .network: true
        case .error, .hang, .latency: false
        }
    }
}
