extension PolicyDocument {
    static func readParts(_ reader: ValueReader) -> (policies: [PolicyDefinition], routes: [RouteDefinition])? {
        guard let object = reader.object("a version, policies and routes") else { return nil }
        _ = object.optional("$schema")?.string("the schema's address")
        readVersion(object)
        let policies = object.required("policies").flatMap(readPolicies)
        let names = policies.map { PolicyNames($0.map(\.key)) }
        let routes = object.optional("routes").flatMap { readRoutes($0, policies: names) }
        object.finish()
        return policies.map { ($0.compactMap(\.definition), routes ?? []) }
    }

    private static func readVersion(_ object: ObjectReader) {
        guard let reader = object.required("version"), let version = reader.integer() else { return }
        if version != 1 { reader.fail("version \(version) is not one that this program reads; expected 1") }
    }

    private static func readPolicies(_ reader: ValueReader) -> [(key: String, definition: PolicyDefinition?)]? {
        guard let object = reader.object("policies by name") else { return nil }
        var sharedGates = SharedGates()
        return object.members.map { member in
            if let problem = NameRule.problem(with: member.key) { member.keyReader.fail(problem) }
            return (member.key, PolicyDefinition.read(member.value, name: member.key, sharedGates: &sharedGates))
        }
    }

    private static func readRoutes(_ reader: ValueReader, policies: PolicyNames?) -> [RouteDefinition]? {
        reader.object("routes by method")?.members.compactMap { RouteDefinition.read($0, policies: policies) }
    }
}
