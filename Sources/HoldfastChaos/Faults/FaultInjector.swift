package import Holdfast

/// Decides in the service's process which attempts the faults in force hit, counts the hits and tells of them.
package final class FaultInjector: Sendable {
    fileprivate struct State {
        var plan: FaultPlan
        /// When the plan came into force.
        var since: Instant
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
    private let timeSource: TimeSource
    private let report: @Sendable (AttemptDecision) -> Void

    /// - Parameters:
    ///   - timeSource: what faults that grow and fade go by.
    ///   - report: is told every hit of an attempt.
    package init(
        _ plan: FaultPlan, _ timeSource: TimeSource = .system, report: @escaping @Sendable (AttemptDecision) -> Void = { _ in }
    ) {
        self.timeSource = timeSource
        self.report = report
        state = Locked(State(plan: plan, since: timeSource.now()))
    }

    /// Puts other faults into force; hits are kept, counting starts anew for faults that were not in force.
    package func install(_ plan: FaultPlan) {
        let now = timeSource.now()
        state.withLock { state in
            state.plan = plan
            state.since = now
            let ids = Set(plan.entries.map(\.id))
            state.counters = state.counters.filter { ids.contains($0.key) }
            for entry in plan.entries where entry.counted > 0 && state.counters[entry.id] == nil {
                state.counters[entry.id] = Counter(seen: entry.counted)
            }
        }
    }

    /// What the rules that count have counted, by the fault's id.
    package var counted: [String: Int] {
        state.withLock { $0.counters.mapValues(\.seen) }
    }

    /// How many attempts each fault hit.
    package var hits: [String: Int] {
        state.withLock { $0.hits }
    }

    /// What happens to attempt `attempt` of call `callIndex` of a load: it is held up by every fault that does so, and then the first of the
    /// plan's others that hits it acts.
    package func decide(load: String, callIndex: Int, attempt: Int) -> FaultDecision {
        let now = timeSource.now()
        let (decision, deeds) = state.withLock { state in
            var decision = FaultDecision()
            var deeds: [(fault: String, what: String)] = []
            let age = state.since.duration(to: now)
            for entry in state.plan.entries {
                // Asked of every entry, so that what one counts does not depend on what another hit.
                guard entry.effect.isOfCalls, state.isHit(by: entry, age: age, load: load, callIndex: callIndex, attempt: attempt) else {
                    continue
                }
                let random = KeyedRandom(seed: state.plan.seed).keyed("latency").keyed(entry.id).keyed(load).keyed(callIndex).keyed(attempt)
                guard let deed = entry.add(to: &decision, random, level: entry.magnitude(after: age)) else { continue }
                state.hits[entry.id, default: 0] += 1
                deeds.append((entry.id, deed))
            }
            return (decision, deeds)
        }
        for (fault, what) in deeds {
            report(AttemptDecision(at: now.nanoseconds, fault: fault, load: load, call: callIndex, attempt: attempt, what: what))
        }
        return decision
    }

    /// How much slower the workers are for the call that a worker takes on now; 1 for not at all.
    package func slowdown() -> Double {
        let now = timeSource.now()
        return state.withLock { state in
            var slowdown = 1.0
            for entry in state.plan.entries {
                guard case .capacity(let share) = entry.effect else { continue }
                let level = entry.magnitude(after: state.since.duration(to: now))
                guard level > 0 else { continue }
                slowdown /= 1 - (1 - share) * level
                state.hits[entry.id, default: 0] += 1
            }
            return slowdown
        }
    }

    /// How much memory the process is to hold now besides its own, in MiB; and whether that changes with time.
    package func memory() -> (mebibytes: Int, changes: Bool) {
        let now = timeSource.now()
        return state.withLock { state in
            var (mebibytes, changes) = (0.0, false)
            for entry in state.plan.entries {
                guard case .memory(let size) = entry.effect else { continue }
                mebibytes += Double(size) * entry.magnitude(after: state.since.duration(to: now))
                changes = changes || entry.shaping != nil
            }
            return (Int(mebibytes), changes)
        }
    }

    /// Notes that the memory is held.
    package func noteMemory() {
        state.withLock { state in
            for entry in state.plan.entries {
                if case .memory = entry.effect { state.hits[entry.id] = 1 }
            }
        }
    }
}

extension FaultInjector.State {
    fileprivate mutating func isHit(by entry: FaultPlan.Entry, age: Duration, load: String, callIndex: Int, attempt: Int) -> Bool {
        if case .share = entry.rule {
            let attempt = entry.per == .attempt ? attempt : nil
            let draw = FaultDraw.uniform(
                seed: plan.seed, key: entry.drawKey, load: load, callIndex: callIndex, attempt: attempt)
            return entry.isHit(by: draw, after: age)
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
    /// Adds what it does to what others do.
    /// - Returns: what that is, in a few words; nil if it does nothing: another acts in its place, or nothing of it is left at this time.
    fileprivate func add(to decision: inout FaultDecision, _ random: KeyedRandom, level: Double) -> String? {
        guard level > 0 else { return nil }
        let effect: FaultDecision.Effect
        switch self.effect {
        case .latency(let time, let isCancellable):
            let delay = time.sample(using: random.sequence).scaled(to: level)
            decision.delay += delay
            decision.isCancellable = decision.isCancellable && isCancellable
            return "held up for \(Figure.time(delay.seconds))"
        case .error(let code, let message, let when):
            effect = .error(StatusCode(rawValue: code) ?? .unknown, message: message, when: when)
        case .hang: effect = .hang
        case .answer(let fault): effect = .answer(fault, random, level: level)
        case .capacity, .memory, .network: return nil
        }
        guard decision.effect == .none else { return nil }
        decision.effect = effect
        return effect.deed
    }
}

extension FaultPlan.Effect {
    /// Whether it happens to single calls.
    fileprivate var isOfCalls: Bool {
        switch self {
        case .error, .hang, .latency, .answer: true
        case .capacity, .memory, .network: false
        }
    }
}
