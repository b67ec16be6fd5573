import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

/// All policies of the sources at one time.
struct PolicyInventory {
    /// A named pipeline with what belongs to it.
    struct Group {
        let source: String
        let name: String
        var routes: [RouteDefinition] = []
        var policies: [any Policy]
    }

    private(set) var groups: [Group] = []
    private(set) var documents: [(source: String, state: PolicyRegistry.State, age: Duration)] = []
    private(set) var controllers: [(source: String, controller: DegradationController)] = []

    init(_ sources: [PolicySource]) {
        for source in sources {
            switch source.origin {
            case .registry(let registry):
                let state = registry.state
                documents.append((source.name, state, state.since.duration(to: registry.options.timeSource.now())))
                add(registry.routes, of: source.name, state.document.routes)
            case .client(let client):
                add(client.policies, of: source.name, [])
                let breakers = client.endpointBreakers
                if !breakers.isEmpty { groups.append(Group(source: source.name, name: "endpoints", policies: breakers)) }
            case .pipelines(let pipelines):
                groups += pipelines.map { Group(source: source.name, name: $0.name, policies: $0.stages.map(\.policy)) }
            case .controllers(let list):
                controllers += list.map { (source.name, $0) }
            }
        }
    }

    private mutating func add(_ table: RouteTable, of source: String, _ routes: [RouteDefinition]) {
        // The table is in no order; its names are.
        for policy in table.all.sorted(by: { $0.name < $1.name }) {
            let fallback: [any Policy] = policy.fallback.map { [$0] } ?? []
            groups.append(
                Group(
                    source: source, name: policy.name, routes: routes.filter { $0.policy == policy.name },
                    policies: policy.pipeline.stages.map(\.policy) + fallback))
        }
    }
}
