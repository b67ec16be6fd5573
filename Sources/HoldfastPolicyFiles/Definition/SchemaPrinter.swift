/// Turns shapes into a JSON Schema (2020-12), and keeps what has a name.
package struct SchemaPrinter {
    /// The schema of a document.
    package static func text(title: String, _ root: SectionShape) -> String {
        var printer = SchemaPrinter()
        let members = printer.members(of: root)
        let head: [(String, JSONText)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("title", .string(title)),
        ]
        let definitions = printer.definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return JSONText.object(head + members + [("$defs", .object(definitions))]).layout() + "\n"
    }

    private(set) var definitions: [String: JSONText] = [
        // In a string that stands for something else a reference must be all there is.
        "variable": string(#"^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}$"#)
    ]

    mutating func schema(_ shape: Shape, _ summary: String? = nil, default fallback: FieldShape.Fallback? = nil) -> JSONText {
        var members = members(of: shape)
        if let summary, !summary.isEmpty { members.append(("description", .string(summary))) }
        if case .value(let value)? = fallback { members.append(("default", value)) }
        return .object(members)
    }

    private mutating func members(of shape: Shape) -> [(String, JSONText)] {
        switch shape {
        case .bool: return orVariable([("type", .string("boolean"))])
        case .integer(let bounds): return orVariable([("type", .string("integer"))] + limits(bounds) { .integer($0) })
        case .number(let bounds): return orVariable([("type", .string("number"))] + limits(bounds) { .number($0) })
        case .duration(let bounds):
            let isAboveZero = bounds.excludesLower || bounds.lower.map { $0 > .zero } == true
            let sign = isAboveZero ? "(?=[0-9.]*[1-9])" : ""
            return [("type", .string("string")), ("pattern", .string("^\(sign)[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h)$|\\$\\{"))]
        case .text: return [("type", .string("string")), ("minLength", .integer(1))]
        case .matching(let pattern): return [("type", .string("string")), ("pattern", .string("\(pattern)|\\$\\{"))]
        case .words(let words):
            return [("anyOf", .array([.object([("enum", .array(words.map { .string($0) }))]), reference("variable")]))]
        case .list(let element): return [("type", .string("array")), ("items", schema(element))]
        case .someOf(let element): return [("type", .string("array")), ("items", schema(element)), ("minItems", .integer(1))]
        case .map(let value, let keys):
            return [
                ("type", .string("object")), ("patternProperties", .object([(keys, schema(value))])),
                ("additionalProperties", .bool(false)),
            ]
        case .object(let section):
            guard let name = section.name else { return members(of: section) }
            if definitions[name] == nil {
                definitions[name] = .null  // taken, while what it refers to is made
                definitions[name] = .object(members(of: section))
            }
            return [("$ref", .string("#/$defs/\(name)"))]
        case .settings(let section): return settings(of: section)
        case .anything: return []
        case .null: return [("type", .string("null"))]
        case .anyOf(let shapes): return [("anyOf", .array(shapes.map { schema($0) }))]
        }
    }

    mutating func members(of section: SectionShape) -> [(String, JSONText)] {
        var properties: [(String, JSONText)] = []
        for member in section.members {
            if case .tag(let tag, let alternatives) = member {
                properties.append((tag.key, schema(tag.shape, tag.summary)))
                // What stands there depends on the tag; see `consequence`.
                for key in Set(alternatives.flatMap(\.fields).map(\.key)).sorted() { properties.append((key, .bool(true))) }
                continue
            }
            for field in member.fields where !properties.contains(where: { $0.0 == field.key }) {
                properties.append((field.key, schema(field.shape, field.summary, default: field.fallback)))
            }
        }
        var result: [(String, JSONText)] = [("type", .string("object"))]
        if !section.summary.isEmpty { result.append(("description", .string(section.summary))) }
        result += [("properties", .object(properties)), ("additionalProperties", .bool(false))]
        let required = section.members.compactMap { member -> JSONText? in
            // What an element may take over from defaults need not stand in it.
            guard let key = member.requiredKey, !takesOver(section) else { return nil }
            return .string(key)
        }
        if !required.isEmpty { result.append(("required", .array(required))) }
        for case .tag(let tag, let alternatives) in section.members {
            result.append(("allOf", .array(alternatives.map { consequence(of: $0, among: alternatives, tag.key) })))
        }
        for case .choice(let alternatives) in section.members {
            var schemas = alternatives.map { alternative(of: $0, among: alternatives, isWhole: !takesOver(section)) }
            if takesOver(section) {
                let keys = alternatives.compactMap(\.key).map { JSONText.object([("required", .array([.string($0)]))]) }
                schemas.append(.object([("required", .array([.string("defaults")])), ("not", .object([("anyOf", .array(keys))]))]))
            }
            result.append(("oneOf", .array(schemas)))
        }
        if takesOver(section), case let own = section.members.compactMap(\.requiredKey), !own.isEmpty {
            let either = [own, ["defaults"]].map { JSONText.object([("required", .array($0.map { .string($0) }))]) }
            result.append(("anyOf", .array(either)))
        }
        return result
    }

    /// What elements of a kind may take over: any of its fields, as its own definition has them.
    private mutating func settings(of section: SectionShape) -> [(String, JSONText)] {
        guard let name = section.name else { return members(of: section) }
        _ = schema(.object(section))
        var properties: [(String, JSONText)] = []
        for key in section.members.flatMap(\.fields).map(\.key)
        where !ElementDefaults.ownKeys.contains(key) && !properties.contains(where: { $0.0 == key }) {
            properties.append((key, reference("\(name)/properties/\(key)")))
        }
        var result: [(String, JSONText)] = [
            ("type", .string("object")), ("properties", .object(properties)), ("additionalProperties", .bool(false)),
        ]
        for case .choice(let alternatives) in section.members {
            let keys = alternatives.compactMap(\.key).map { JSONText.object([("required", .array([.string($0)]))]) }
            let none = JSONText.object([("not", .object([("anyOf", .array(keys))]))])
            result.append(
                ("anyOf", .array(alternatives.map { alternative(of: $0, among: alternatives, isWhole: !takesOver(section)) } + [none])))
        }
        return result
    }

    /// One choice: its keys, and none of those that only the others have.
    ///
    /// - Parameter isWhole: whether nothing of it can stand elsewhere.
    private func alternative(of one: AlternativeShape, among all: [AlternativeShape], isWhole: Bool) -> JSONText {
        let own = one.fields.map(\.key)
        var foreign: [String] = []
        for key in all.flatMap(\.fields).map(\.key) where !own.contains(key) && !foreign.contains(key) { foreign.append(key) }
        var members: [(String, JSONText)] = []
        if let key = one.key {
            let others = one.fields.filter { isWhole && $0.isRequired && $0.key != key }.map { JSONText.string($0.key) }
            members.append(("required", .array([.string(key)] + others)))
        }
        if !foreign.isEmpty { members.append(("properties", .object(foreign.map { ($0, .bool(false)) }))) }
        return .object(members)
    }

    /// What a word of a tag makes of the object.
    private mutating func consequence(of one: AlternativeShape, among all: [AlternativeShape], _ tag: String) -> JSONText {
        var properties = one.fields.map { ($0.key, schema($0.shape, $0.summary, default: $0.fallback)) }
        let own = Set(one.fields.map(\.key))
        for key in Set(all.flatMap(\.fields).map(\.key)).subtracting(own).sorted() { properties.append((key, .bool(false))) }
        var then: [(String, JSONText)] = [("properties", .object(properties))]
        let required = one.fields.filter(\.isRequired).map { JSONText.string($0.key) }
        if !required.isEmpty { then.append(("required", .array(required))) }
        let word = JSONText.object([(tag, .object([("const", .string(one.key))]))])
        return .object([
            ("if", .object([("properties", word), ("required", .array([.string(tag)]))])), ("then", .object(then)),
        ])
    }

    /// Whether an object may take fields over by `defaults`.
    private func takesOver(_ section: SectionShape) -> Bool {
        section.name != "document" && section.members.contains { $0.fields.contains { $0.key == "defaults" } }
    }

    private func orVariable(_ members: [(String, JSONText)]) -> [(String, JSONText)] {
        [("anyOf", .array([.object(members), reference("variable")]))]
    }

    private func limits<Value>(_ bounds: Bounds<Value>, _ text: (Value) -> JSONText) -> [(String, JSONText)] {
        let lower = bounds.lower.map { (bounds.excludesLower ? "exclusiveMinimum" : "minimum", text($0)) }
        let upper = bounds.upper.map { (bounds.excludesUpper ? "exclusiveMaximum" : "maximum", text($0)) }
        return [lower, upper].compactMap { $0 }
    }

    private func reference(_ name: String) -> JSONText { .object([("$ref", .string("#/$defs/\(name)"))]) }

    private static func string(_ pattern: String) -> JSONText {
        .object([("type", .string("string")), ("pattern", .string(pattern))])
    }
}

extension MemberShape {
    /// The key, if it is one that must be there.
    fileprivate var requiredKey: String? {
        switch self {
        case .field(let field), .tag(let field, _): field.isRequired ? field.key : nil
        case .choice: nil
        }
    }
}
