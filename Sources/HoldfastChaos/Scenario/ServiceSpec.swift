/// A service of the run: a process of its own, or its model in virtual time.
package struct ServiceSpec: Sendable, Hashable {
    package var name: String
    package var kind: ServiceKind
    package var model: ServiceModel

    package init(name: String, kind: ServiceKind, model: ServiceModel = ServiceModel()) {
        self.name = name
        self.kind = kind
        self.model = model
    }
}
