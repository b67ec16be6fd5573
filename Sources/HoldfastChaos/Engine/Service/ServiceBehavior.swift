import Holdfast

/// What a service does to each attempt, and how long it takes: the same in a process and in its model.
final class ServiceBehavior: Sendable {
    let model: ServiceModel
    private let seed: UInt64
    private let injector: FaultInjector
    private let worked = Locked([String: [Int]]())

    /// - Parameter report: is told what faults do to attempts.
    init(
        _ model: ServiceModel, seed: UInt64, _ timeSource: TimeSource = .system, report: @escaping @Sendable (AttemptDecision) -> Void
    ) {
        self.model = model
        self.seed = seed
        injector = FaultInjector(FaultPlan(seed: seed), timeSource, report: report)
    }

    /// Puts faults into force, in place of all others.
    func install(_ plan: FaultPlan) {
        injector.install(plan)
    }

    /// How much memory the faults in force take, in MiB; and whether that changes with time.
    var memory: (mebibytes: Int, changes: Bool) { injector.memory() }

    /// Notes that the memory is held.
    func noteMemory() { injector.noteMemory() }

    /// How many attempts each fault hit.
    var hits: [String: Int] { injector.hits }

    /// What the rules that count have counted.
    var counted: [String: Int] { injector.counted }

    /// What the faults in force do to the attempt. To be asked once for each.
    func decide(_ key: CallKey) -> FaultDecision {
        injector.decide(load: key.load, callIndex: key.index, attempt: key.attempt)
    }

    /// Which calls a worker has begun to work on since this was last asked, by their loads.
    func takeWorked() -> [String: [Int]] {
        worked.withLock { worked in
            defer { worked = [:] }
            return worked
        }
    }

    /// How long a worker that begins now works on the attempt.
    func workTime(_ key: CallKey) -> Duration {
        // Probes belong to no load.
        if !key.load.isEmpty { worked.withLock { $0[key.load, default: []].append(key.index) } }
        let time = model.serviceTime.sample(using: key.random("serviceTime", seed: seed).sequence)
        let slowdown = injector.slowdown()
        return slowdown == 1 ? time : .nanoseconds(Int64(saturating: time.seconds * slowdown * 1e9))
    }

    /// How long the attempt's request and its answer are on their way.
    func travel(_ key: CallKey) -> (there: Duration, back: Duration) {
        guard model.network != .constant(.zero) else { return (.zero, .zero) }
        let random = key.random("network", seed: seed)
        return (model.network.sample(using: random.keyed(0).sequence), model.network.sample(using: random.keyed(1).sequence))
    }
}
