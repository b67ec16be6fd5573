import Holdfast

extension RouteDefinition {
    /// Reads one route: a method and the policy that serves it.
    ///
    /// - Parameter policies: what the file's policies are called; nil if they could not be read.
    static func read(_ member: ObjectReader.Member, policies: PolicyNames?) -> RouteDefinition? {
        let pattern = RoutePattern(member.key)
        if pattern == nil { member.keyReader.fail("expected \"package.Service/Method\", \"package.Service/*\" or \"*\" as a route") }
        var isIdempotent = false
        var criticality: Criticality?
        let policy: String?
        if member.value.isString {
            policy = readPolicy(member.value, policies)
        } else {
            guard let object = member.value.object("a policy, or a policy's name") else { return nil }
            policy = object.required("policy").flatMap { readPolicy($0, policies) }
            isIdempotent = object.optional("idempotent")?.bool() ?? false
            criticality = object.optional("criticality")?.criticality()
            object.finish()
        }
        guard let pattern, let policy else { return nil }
        return RouteDefinition(
            pattern: pattern, policy: policy, isIdempotent: isIdempotent, criticality: criticality ?? .critical,
            location: member.keyReader.location)
    }

    private static func readPolicy(_ reader: ValueReader, _ policies: PolicyNames?) -> String? {
        guard let name = reader.string("a policy's name") else { return nil }
        if let policies, !policies.set.contains(name) {
            reader.fail("there is no policy \(quoted(name)); \(Spelling.advice(for: name, among: policies.list))")
        }
        return name
    }
}

extension ValueReader {
    /// How much a call matters, by name.
    func criticality() -> Criticality? {
        oneOf(["criticalPlus": Criticality.criticalPlus, "critical": .critical, "sheddablePlus": .sheddablePlus, "sheddable": .sheddable])
    }
}
