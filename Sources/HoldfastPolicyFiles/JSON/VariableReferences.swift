/// Replaces references such as `"${RPS:-100}"` in the strings of a document by what they stand for.
///
/// `${NAME}` is the variable's value, `${NAME:-text}` the text if the variable is not set or empty, `$${` a plain `${`.
package struct VariableReferences {
    let environment: PolicyEnvironment
    let source: SourceText
    let document: DocumentReader
    /// Keys whose values are taken as they stand, because `${` means something else in them.
    var literalKeys: Set<String> = []

    /// Whether a text has anything that looks like a reference; most have not.
    static func mayOccur(in bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            rest = rest[(dollar + 1)...]
            if rest.first == UInt8(ascii: "{") { return true }
        }
        return false
    }

    /// Whether a text has a reference to that variable.
    package static func occurs(_ name: String, in bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains("${\(name)}") || text.contains("${\(name):-")
    }

    /// The text in which nothing is a reference any more.
    static func escape(_ text: String) -> String { text.replacing("${", with: "$${") }

    /// The value with all references within it replaced; keys are left alone.
    func expand(_ node: JSONNode, path: DocumentPath) -> JSONNode {
        switch node.value {
        case .string(let text) where text.utf8.contains(UInt8(ascii: "$")) && text.contains("${"):
            return expand(text, node.position, path)
        case .array(let elements):
            let expanded = elements.enumerated().map { expand($0.element, path: path[$0.offset]) }
            return JSONNode(value: .array(expanded), position: node.position)
        case .object(let members):
            let expanded = members.map { member in
                if literalKeys.contains(member.key) { return member }
                return JSONMember(key: member.key, keyPosition: member.keyPosition, node: expand(member.node, path: path[member.key]))
            }
            return JSONNode(value: .object(expanded), position: node.position)
        case .null, .bool, .number, .string:
            return node
        }
    }

    private func expand(_ text: String, _ position: SourcePosition, _ path: DocumentPath) -> JSONNode {
        var result = ""
        var rest = text[...]
        var problem: String?
        while let dollar = rest.firstRange(of: "${") {
            if rest[..<dollar.lowerBound].hasSuffix("$") {
                result += rest[..<dollar.lowerBound].dropLast() + "${"
                rest = rest[dollar.upperBound...]
                continue
            }
            result += rest[..<dollar.lowerBound]
            guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else {
                problem = "a reference is not closed; write it as \"${NAME}\" or \"${NAME:-default}\", and ${ itself as $${"
                break
            }
            switch value(of: rest[dollar.upperBound..<end]) {
            case .success(let value): result += value
            case .failure(let refusal): problem = problem ?? refusal.message
            }
            rest = rest[rest.index(after: end)...]
        }
        if let problem {
            document.report(.error, at: position, in: source, path: path, problem)
            return JSONNode(value: .null, position: position, isBroken: true)
        }
        let isReference = text.hasPrefix("${") && text.firstIndex(of: "}") == text.index(before: text.endIndex)
        return JSONNode(value: .string(result + rest), position: position, reference: .init(written: text, isWhole: isReference))
    }

    private struct Refusal: Error {
        let message: String
    }

    private func value(of reference: Substring) -> Result<String, Refusal> {
        let (name, standard) =
            reference.firstRange(of: ":-").map { (reference[..<$0.lowerBound], reference[$0.upperBound...]) } ?? (reference, nil)
        guard Self.isName(name) else {
            return .failure(
                Refusal(
                    message: "\(quoted(String(name))) is no name of a variable; "
                        + "write \"${NAME}\" or \"${NAME:-default}\", and ${ itself as $${"))
        }
        if let standard, standard.contains("${"), !standard.contains("$${") {
            return .failure(Refusal(message: "the default of \(name) holds a reference of its own; give it a plain text"))
        }
        let value = environment[String(name)]
        if let standard { return .success(value?.isEmpty == false ? value! : String(standard)) }
        if let value { return .success(value) }
        let complaint = environment.complaint(aboutMissing: String(name))
        return .failure(Refusal(message: "\(complaint), or give a default, as in \"${\(name):-...}\""))
    }

    /// What POSIX calls a name: letters, digits and `_`, the first no digit.
    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0)) }
    }
}
