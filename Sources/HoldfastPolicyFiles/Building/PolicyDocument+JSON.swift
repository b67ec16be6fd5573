import Holdfast

extension PolicyDocument {
    /// Makes a document of policies and routes that were described in code.
    ///
    /// It obeys the same rules as a file, because it is written as one and read again; durations are cut to whole nanoseconds.
    ///
    /// ```swift
    /// let document = try PolicyDocument(
    ///     policies: [.init("say", pipeline: [.init("total", .timeout(try .init(after: .seconds(1))))])],
    ///     routes: [.init(.all, policy: "say")])
    /// print(document.json)
    /// ```
    /// - Throws: ``DocumentError`` with all that no file may say, such as a name that stands twice.
    public init(policies: [PolicyDefinition], routes: [RouteDefinition] = []) throws(DocumentError) {
        let text = Self.json(policies, routes, .brief)
        try self.init(file: "document", bytes: Array(text.utf8), environment: [:])
    }

    /// The document as JSON that reads the same: policies with all that they take over from others, and without what is as it would be
    /// anyway.
    public var json: String { Self.json(policies, routes, .brief) }

    /// The document as JSON that reads the same, with every setting that holds, the defaults included.
    public func describe() -> String { Self.json(policies, routes, .complete) }

    private static func json(_ policies: [PolicyDefinition], _ routes: [RouteDefinition], _ style: WriteStyle) -> String {
        let draft = DocumentDraft(
            policies: policies.map { Entry(key: $0.name, location: .code, value: PolicyDraft($0, style)) },
            routes: routes.map {
                Entry(
                    key: $0.pattern, location: .code,
                    value: RouteDraft(policy: $0.policy, isIdempotent: $0.isIdempotent, criticality: $0.criticality))
            })
        return JSONText.object(DocumentDraft.section.write(draft, style)).layout() + "\n"
    }
}

extension PolicyDraft {
    /// What is written of a policy: its names as far as they are not what they would be anyway.
    fileprivate init(_ policy: PolicyDefinition, _ style: WriteStyle) {
        var unnamed: [PolicyKind: Int] = [:]
        pipeline = policy.pipeline.map { element in
            let number = unnamed[element.kind, default: 0] + 1
            let isImplied = style == .brief && element.name == (number == 1 ? element.kind.rawValue : "\(element.kind.rawValue)\(number)")
            if isImplied { unnamed[element.kind] = number }
            return ElementDraft(
                name: isImplied ? nil : Located(value: element.name, location: .code), isEnabled: element.isEnabled,
                shared: element.shared, scope: element.scope, settings: element.settings)
        }
        if let fallback = policy.fallback {
            let isImplied = style == .brief && fallback.name == PolicyKind.fallback.rawValue
            self.fallback = FallbackDraft(
                name: isImplied ? nil : Located(value: fallback.name, location: .code), isEnabled: fallback.isEnabled, on: fallback.on,
                singleFlight: fallback.singleFlight, metadata: fallback.metadata, steps: fallback.steps)
        }
    }
}
