import Holdfast
import HoldfastPolicyFiles

extension PolicyCommand {
    /// Why a command was not run.
    enum Refusal: Error {
        /// There is no policy of that name and kind.
        case unknown(String)
        /// Several have it.
        case ambiguous(String)
    }

    /// A policy that commands of one kind can be given to.
    private struct Subject {
        let source: String
        /// The names that it goes by: its own and its pipeline's.
        let names: [String]
        let policy: any Policy
        let run: @Sendable (Action) async -> Void
    }

    /// Does it.
    /// - Returns: the policy as it is afterwards.
    /// - Throws: ``Refusal``.
    func run(on inventory: PolicyInventory) async throws(Refusal) -> JSONText {
        let all = subjects(inventory)
        let sources = Set(all.map(\.source)).sorted()
        if let source, !sources.contains(source) {
            throw .unknown("there is no \(kind.rawValue) of a source \(quoted(source)); \(Spelling.advice(for: source, among: sources))")
        }
        let candidates = all.filter { source == nil || $0.source == source }
        // A name of its own says more than that of a pipeline.
        var named = candidates.filter { $0.names.first == name }
        if named.isEmpty { named = candidates.filter { $0.names.contains(name) } }
        var seen: Set<ObjectIdentifier> = []
        named = named.filter { seen.insert(ObjectIdentifier($0.policy.eventSource)).inserted }
        guard let subject = named.first else {
            var listed: Set<String> = []
            let names = candidates.flatMap(\.names).filter { listed.insert($0).inserted }
            throw .unknown("there is no \(kind.rawValue) \(quoted(name)); \(Spelling.advice(for: name, among: names))")
        }
        guard named.count == 1 else {
            let names = Set(named.compactMap(\.names.first)).sorted()
            guard names.count == named.count else {
                let sources = Spelling.list(Set(named.map(\.source)).sorted())
                throw .ambiguous("several sources have a \(kind.rawValue) \(quoted(name)); name one of the sources \(sources)")
            }
            throw .ambiguous("\(quoted(name)) has several of kind \(kind.rawValue); name one: \(Spelling.list(names))")
        }
        await subject.run(action)
        return subject.policy.stateJSON
    }

    private func subjects(_ inventory: PolicyInventory) -> [Subject] {
        let staged = inventory.groups.flatMap { group in
            group.policies.compactMap { policy in
                Self.runner(of: policy, kind).map {
                    Subject(source: group.source, names: [policy.name, group.name], policy: policy, run: $0)
                }
            }
        }
        guard kind == .shed else { return staged }
        let controllers = inventory.controllers.map { source, controller in
            // A shedder without a pipeline, for what it says of its controller.
            Subject(
                source: source, names: [controller.name], policy: LoadShedder(controller.name, controller),
                run: { Self.run($0, on: controller) })
        }
        return staged + controllers
    }

    /// What runs commands of a kind on a policy; nil if it is of another kind.
    private static func runner(of policy: any Policy, _ kind: Kind) -> (@Sendable (Action) async -> Void)? {
        switch (kind, policy) {
        case (.breaker, let breaker as CircuitBreaker): { await run($0, on: breaker) }
        case (.shed, let shedder as LoadShedder): { run($0, on: shedder.controller) }
        case (.limiter, let limiter as AdaptiveLimiter): { if case .resetLimiter = $0 { limiter.reset() } }
        case (.chaos, let chaos as Chaos): { if case .chaos(let isEnabled) = $0 { isEnabled ? chaos.enable() : chaos.disable() } }
        default: nil
        }
    }

    private static func run(_ action: Action, on breaker: CircuitBreaker) async {
        guard case .breaker(let action) = action else { return }
        switch action {
        case .isolate: await breaker.isolate()
        case .disable: await breaker.disable()
        case .observe: await breaker.observe()
        case .release: await breaker.release()
        case .trip: await breaker.trip()
        case .probe: await breaker.probe()
        case .reset: await breaker.reset()
        }
    }

    private static func run(_ action: Action, on controller: DegradationController) {
        switch action {
        case .hold(let level): controller.hold(at: level)
        case .releaseLevel: controller.release()
        default: break
        }
    }
}
