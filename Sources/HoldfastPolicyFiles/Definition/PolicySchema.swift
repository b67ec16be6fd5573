/// The policy file format as a JSON Schema (2020-12), from the definitions that the reader goes by.
///
/// ```swift
/// print(PolicySchema.text)
/// ```
public enum PolicySchema {
    /// The schema, as `Policies/policy.schema.json` holds it.
    public static var text: String {
        var printer = Printer()
        let root = printer.members(of: DocumentDraft.section.shape)
        let head: [(String, JSONText)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("title", .string("A policy file of Holdfast")),
        ]
        let definitions = printer.definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return JSONText.object(head + root + [("$defs", .object(definitions))]).layout() + "\n"
    }

    /// Turns shapes into schemas, and keeps what has a name.
    private struct Printer {
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
            for field in section.members.flatMap(\.fields) where !properties.contains(where: { $0.0 == field.key }) {
                properties.append((field.key, schema(field.shape, field.summary, default: field.fallback)))
            }
            var result: [(String, JSONText)] = [("type", .string("object"))]
            if !section.summary.isEmpty { result.append(("description", .string(section.summary))) }
            result += [("properties", .object(properties)), ("additionalProperties", .bool(false))]
            let required = section.members.compactMap { member -> JSONText? in
                // What an element may take over from defaults need not stand in it.
                guard case .field(let field) = member, field.isRequired, !takesOver(section) else { return nil }
                return .string(field.key)
            }
            if !required.isEmpty { result.append(("required", .array(required))) }
            for case .choice(let alternatives) in section.members {
                var schemas = alternatives.map { alternative(of: $0, among: alternatives) }
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
                result.append(("anyOf", .array(alternatives.map { alternative(of: $0, among: alternatives) } + [none])))
            }
            return result
        }

        /// One choice: its keys, and none of those that only the others have.
        private func alternative(of one: AlternativeShape, among all: [AlternativeShape]) -> JSONText {
            let own = one.fields.map(\.key)
            var foreign: [String] = []
            for key in all.flatMap(\.fields).map(\.key) where !own.contains(key) && !foreign.contains(key) { foreign.append(key) }
            var members: [(String, JSONText)] = []
            if let key = one.key { members.append(("required", .array([.string(key)]))) }
            if !foreign.isEmpty { members.append(("properties", .object(foreign.map { ($0, .bool(false)) }))) }
            return .object(members)
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
}

extension MemberShape {
    /// The key, if it is one that must be there.
    fileprivate var requiredKey: String? {
        if case .field(let field) = self, field.isRequired { field.key } else { nil }
    }
}
