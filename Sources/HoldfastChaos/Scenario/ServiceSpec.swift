/// A service of the run: a process of its own, or its model in virtual time.
package struct ServiceSpec: Sendable, Hashable {
    package var name: String
    package var kind: ServiceKind
    package var model: ServiceModel
    /// Somebody's own program in its place; nil for the demo service.
    package var command: CommandSpec?

    package init(name: String, kind: ServiceKind, model: ServiceModel = ServiceModel(), command: CommandSpec? = nil) {
        self.command = command
        self.name = name
        self.kind = kind
        self.model = model
    }
}
