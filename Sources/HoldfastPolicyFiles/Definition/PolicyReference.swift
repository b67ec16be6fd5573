/// The policy file format as a page for people, from the definitions that the reader goes by.
public enum PolicyReference {
    /// The page in Markdown, as `Policies/reference.md` holds it.
    public static var text: String {
        var printer = Printer()
        printer.add(DocumentDraft.section.shape)
        return introduction + printer.text
    }

    private static let introduction = """
        # The fields of a policy file

        Printed by `holdfast policy schema --reference` from the definitions that the reader, the schema (`policy.schema.json`) and this page share.
        A key that is missing means its default. Durations are strings with a unit: `"250ms"`, `"1.5s"`, `"2m"` (`ns`, `us`, `ms`, `s`, `m`, `h`), at most
        a year. A key such as `open.for` stands in an object under `open`. Of keys that are marked *one of* exactly one is there.

        ## The language

        **Variables.** In a string, `${NAME}` is the value of an environment variable, and `${NAME:-text}` is `text` if the variable is not set or empty.
        A string that is nothing but one reference may stand for a number, `true` or `false` too: `"permits": "${SAY_RPS:-100}"`. A variable that is not set and has
        no default is an error. `$${` is a plain `${`. Keys hold no references.

        **Comments**, trailing commas, keys without quotes and strings in single quotes are read in files that end in `.json5` or `.jsonc`, and nowhere else.

        **Defaults.** `"defaults": { "patient": { "circuitBreaker": { "minimumCalls": 100 } } }` beside `policies` gives settings a name. An element of that kind
        that says `"defaults": "patient"` has those fields which it does not give itself; a field that is an object is taken over whole or not at all.

        **Extending.** A policy that says `"extends": "base"` has the pipeline and the fallback of `base`, with these changes:

        - an element whose name (given or not) `base` has too stands in its place, whole; it is of the same kind, and the elements keep the order that they have in `base`;
        - any other element stands directly behind the one before it in its list, or outermost if it is the first;
        - the elements that `"without": ["name"]` lists are left out;
        - a `fallback` stands in place of the whole fallback, and `null` for none.

        An element that is taken over is a gate of its own in each policy, unless it is `shared`. `base` may extend another policy in turn. It may be defined in
        another file that is read together with this one.

        **Several files**, or a directory (all files in it that end in `.json`, `.json5` or `.jsonc`, but not in `.schema.json`), are read as one document: what
        one defines, all may use. A policy, a route or a name of defaults that stands in two of them is an error, and so is a shared gate with two settings.
        On the command line `explain` and `describe` take several files for one document, and so does `check --together`; for `serve` and `call` repeat
        `--policies`, for `diff` name what is a part of both by `--with`.


        """

    private struct Printer {
        private(set) var text = ""
        private var known: Set<String> = []
        private var waiting: [SectionShape] = []

        mutating func add(_ section: SectionShape) {
            guard let name = section.name, known.insert(name).inserted else { return }
            text += "## \(name)\n\n\(section.summary)\n\n| key | value | default | |\n|---|---|---|---|\n"
            addRows(section, prefix: "")
            text += "\n"
            let next = waiting
            waiting = []
            for section in next { add(section) }
        }

        private mutating func addRows(_ section: SectionShape, prefix: String) {
            for member in section.members {
                switch member {
                case .field(let field): addRow(field, prefix, mark: field.isRequired ? "*required*" : nil)
                case .tag(let field, let alternatives):
                    addRow(field, prefix, mark: "*required*")
                    for field in alternatives.flatMap(\.fields) { addRow(field, prefix, mark: nil) }
                case .choice(let alternatives):
                    for alternative in alternatives {
                        for field in alternative.fields { addRow(field, prefix, mark: field.key == alternative.key ? "*one of*" : nil) }
                    }
                }
            }
        }

        private mutating func addRow(_ field: FieldShape, _ prefix: String, mark: String?) {
            let inner = inline(field.shape)
            let standard = mark ?? fallback(field.fallback, isObject: inner != nil)
            text += "| `\(prefix)\(field.key)` | \(words(field.shape)) | \(standard) | \(field.summary) |\n"
            if let inner { addRows(inner, prefix: "\(prefix)\(field.key).") }
        }

        private func fallback(_ fallback: FieldShape.Fallback?, isObject: Bool) -> String {
            switch fallback {
            case nil: ""
            case .value(let value)?: isObject && value.text == "{}" ? "" : "`\(value.text)`"
            case .words(let words)?: words
            }
        }

        /// The object without a name that stands in a field; its members get rows of their own.
        private func inline(_ shape: Shape) -> SectionShape? {
            switch shape {
            case .object(let section) where section.name == nil: section
            case .anyOf(let shapes): shapes.lazy.compactMap { self.inline($0) }.first
            case .list(let shape), .someOf(let shape): inline(shape)
            default: nil
            }
        }

        private mutating func words(_ shape: Shape) -> String {
            switch shape {
            case .bool: return "`true` or `false`"
            case .integer(let bounds): return join("whole number", bounds.words { "\($0)" })
            case .number(let bounds): return join("number", bounds.words { JSONText.number($0).text })
            case .duration(let bounds):
                let isPlain = bounds.lower == .zero && !bounds.excludesLower && bounds.upper == nil
                return join("duration", isPlain ? "" : bounds.words(DurationText.format))
            case .text, .matching: return "text"
            case .words(let words): return words.count > 10 ? "a status code" : words.map { "`\($0)`" }.joined(separator: ", ")
            case .list(.words(let words)) where words.count > 10:
                return words.contains("timeout") ? "list of status codes, `timeout`, `connection`, `rejected`" : "list of status codes"
            case .list(let element), .someOf(let element): return "list of " + self.words(element)
            case .map(let value, _): return "object of " + self.words(value)
            case .object(let section):
                guard let name = section.name else { return "object" }
                if !known.contains(name) { waiting.append(section) }
                return "[\(name)](#\(name.lowercased()))"
            case .settings(let section): return "any fields of " + words(.object(section))
            case .anything: return "any JSON"
            case .null(let meaning): return "`null` (\(meaning))"
            case .anyOf(let shapes): return shapes.map { self.words($0) }.joined(separator: ", or ")
            }
        }

        private func join(_ noun: String, _ bounds: String) -> String { bounds.isEmpty ? noun : "\(noun), \(bounds)" }
    }
}
