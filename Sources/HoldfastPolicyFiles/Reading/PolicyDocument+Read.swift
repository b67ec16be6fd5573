import HoldfastRPC

extension PolicyDocument {
    /// Reads several documents as one: what one defines, all may use.
    static func readParts(
        _ roots: [ValueReader], _ document: DocumentReader, _ methods: [AnyRPCMethod]
    ) -> (policies: [PolicyDefinition], routes: [RouteDefinition])? {
        for root in roots { root.member("defaults").map { ElementDefaults.collect($0, in: document) } }
        document.policyNames = readNames(roots, document)
        let drafts = roots.compactMap(readDraft)
        guard drafts.count == roots.count else { return nil }
        var resolver = PolicyResolver(drafts.flatMap(\.policies), document)
        let policies = resolver.resolve()
        document.warnOfUnusedDefaults()
        let routes = readRoutes(drafts, document)
        if document.errorCount > 0 {
            for (location, message) in valueErrors(policies, routes, methods) { document.report(at: location, message) }
        }
        return (policies, routes)
    }

    private static func readDraft(_ root: ValueReader) -> DocumentDraft? {
        guard let object = root.object(DocumentDraft.section.what) else { return nil }
        let draft = DocumentDraft.section.read(object)
        object.finish()
        return draft
    }

    /// What all policies are called; nil if that cannot be told. Reports a name that stands in two files.
    private static func readNames(_ roots: [ValueReader], _ document: DocumentReader) -> PolicyNames? {
        var names = PolicyNames()
        var owners: [String: SourceLocation] = [:]
        for root in roots {
            guard let policies = root.member("policies"), case .object(let members) = policies.node.value else { return nil }
            for member in members {
                names.append(member.key)
                guard roots.count > 1 else { continue }
                let location = SourceLocation(
                    source: root.source, position: member.keyPosition, path: policies.documentPath[member.key])
                if let other = owners.updateValue(location, forKey: member.key), other.file != location.file {
                    document.report(
                        at: location, "the policy \(quoted(member.key)) is also \(other.words(from: location)); keep one, or rename one")
                }
            }
        }
        return names
    }

    /// The routes of all documents. Reports one that stands in two files.
    private static func readRoutes(_ drafts: [DocumentDraft], _ document: DocumentReader) -> [RouteDefinition] {
        var owners: [RoutePattern: SourceLocation] = [:]
        return drafts.flatMap(\.routes).map { route in
            if drafts.count > 1, let other = owners.updateValue(route.location, forKey: route.key), other.file != route.location.file {
                document.report(
                    at: route.location, "the route \(quoted(route.key.description)) is also \(other.words(from: route.location)); keep one")
            }
            return RouteDefinition(
                pattern: route.key, policy: route.value.policy, isIdempotent: route.value.isIdempotent,
                criticality: route.value.criticality, location: route.location)
        }
    }
}

extension ValueReader {
    /// The value of a member, if this is an object that has it.
    fileprivate func member(_ key: String) -> ValueReader? {
        guard case .object(let members) = node.value, let member = members.first(where: { $0.key == key }) else { return nil }
        return child(member.node, at: documentPath[key])
    }
}
