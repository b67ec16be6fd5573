import Holdfast

/// What a document says of a route besides its methods.
struct RouteDraft: Sendable {
    var policy: String
    var isIdempotent = false
    var criticality = Criticality.critical

    /// How a document writes it: a policy's name, or an object.
    static let form = Form<RouteDraft>(.anyOf([policyName.shape, object.shape])) { reader in
        reader.isObject
            ? object.read(reader) : reader.isString ? policyName.read(reader).map { RouteDraft(policy: $0) } : object.read(reader)
    } write: { route, style in
        let isPlain = style == .brief && !route.isIdempotent && route.criticality == .critical
        return isPlain ? policyName.write(route.policy, style) : object.write(route, style)
    }

    private static let object = Form<RouteDraft>.section(
        Section(
            "a policy, or a policy's name", name: "route",
            summary: "Which policy serves the methods: its name, or an object with the name and what else holds for them.",
            make: RouteDraft.init(policy:isIdempotent:criticality:)
        ) {
            Field.required("policy", policyName, \.policy, "The name of the policy.")
            Field.defaulted(
                "idempotent", .bool, default: false, \.isIdempotent,
                "Whether a call may be sent again although the server may have seen it."
            )
            Field.defaulted(
                "criticality", RouteDraft.criticality, default: .critical, \.criticality,
                "How much its calls matter when resources run short: the last is given up first.")
        })

    private static let criticalities: KeyValuePairs<String, Criticality> = [
        "criticalPlus": .criticalPlus, "critical": .critical, "sheddablePlus": .sheddablePlus, "sheddable": .sheddable,
    ]

    static let criticality = Form<Criticality>.word(criticalities)

    private static let policyName = Form<String>(.text) { reader in
        guard let name = reader.string("a policy's name") else { return nil }
        if let names = reader.document.policyNames, names.set.contains(name) == false {
            reader.fail("there is no policy \(quoted(name)); \(Spelling.advice(for: name, among: names.list))")
        }
        return name
    } write: { name, _ in
        .string(name)
    }
}

extension ValueReader {
    /// How much a call matters, by name.
    func criticality() -> Criticality? { RouteDraft.criticality.read(self) }
}
