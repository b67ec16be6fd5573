/// One document as it stands in its file.
struct DocumentDraft: Sendable {
    var policies: [Entry<String, PolicyDraft>]
    var routes: [Entry<RoutePattern, RouteDraft>] = []

    /// How a document is written.
    static let section = Section<DocumentDraft>("a version, policies and routes", name: "document", summary: "A policy file.") {
        Field.optional("$schema", .text("the schema's address"), absent: "none", \.schema, "The address of this schema, for editors.")
        Field.required("version", version, \.one, "The version of the format: 1.")
        Field.optional(
            "defaults", defaultsForm, absent: "none", \.defaults,
            "Settings by names of their own, each an object with a kind as the only key, that elements of the kind take over by `defaults`."
        )
        Field.required("policies", policiesForm, \.policies, "The policies by name.")
        Field.optional(
            "routes", routesForm, absent: "none", \.writtenRoutes, "Which policy serves which methods; the most specific route wins.")
    } make: { _, _, _, policies, routes in
        DocumentDraft(policies: policies, routes: routes ?? [])
    }

    /// Not kept: it is for editors.
    private var schema: String? { nil }
    /// Not kept: what elements take over is theirs.
    private var defaults: Bool? { nil }
    private var one: Int { 1 }
    private var writtenRoutes: [Entry<RoutePattern, RouteDraft>]? { routes.isEmpty ? nil : routes }

    private static let version = Form<Int>(.integer(.within(1...1))) { reader in
        guard let version = reader.integer() else { return nil }
        if version != 1 { reader.fail("version \(version) is not one that this program reads; expected 1") }
        return 1
    } write: { version, _ in
        .integer(version)
    }

    /// They have been collected before anything that uses them is read.
    private static let defaultsForm = Form<Bool>(.map(ElementDraft.settingsShape, keys: NameRule.pattern)) { _ in
        true
    } write: { _, _ in
        .null
    }

    private static let policiesForm = Form<[Entry<String, PolicyDraft>]>.map(
        "policies by name", keys: NameRule.pattern, name: { $0 }, PolicyDraft.form
    ) { member in
        if let problem = NameRule.problem(with: member.key) { member.keyReader.fail(problem) }
        return member.key
    }

    private static let routesForm = Form<[Entry<RoutePattern, RouteDraft>]>.map(
        "routes by method", keys: RoutePattern.pattern, name: { $0.description }, RouteDraft.form
    ) { member in
        let pattern = RoutePattern(member.key)
        if pattern == nil {
            // As gRPC writes paths, and a service without its methods.
            let guess = member.key.hasPrefix("/") ? String(member.key.dropFirst()) : "\(member.key)/*"
            let advice = RoutePattern(guess) == nil ? "" : "; did you mean \(quoted(guess))?"
            member.keyReader.fail("expected \"package.Service/Method\", \"package.Service/*\" or \"*\" as a route\(advice)")
        }
        return pattern
    }
}
