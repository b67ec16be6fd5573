/// A service of the run: processes of its own, or their models in virtual time.
package struct ServiceSpec: Sendable, Hashable {
    package var name: String
    package var kind: ServiceKind
    package var model: ServiceModel
    /// How many there are of it, each with the model's workers and line.
    package var replicas: Int
    /// Somebody's own program in its place; nil for the demo service.
    package var command: CommandSpec?

    package init(
        name: String, kind: ServiceKind, model: ServiceModel = ServiceModel(), replicas: Int = 1, command: CommandSpec? = nil
    ) {
        self.command = command
        self.replicas = replicas
        self.name = name
        self.kind = kind
        self.model = model
    }
}

extension ServiceSpec {
    /// What a replica is called where it must be told from the others, in reports and error messages; no service can have the name.
    package func name(ofReplica index: Int) -> String { replicas == 1 ? name : "\(name).\(index)" }
}
