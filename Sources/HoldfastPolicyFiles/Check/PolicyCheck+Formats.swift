import Holdfast

extension PolicyCheck {
    /// What was found, as a tool for people or programs wants it.
    public func formatted(_ format: Format) -> String {
        switch format {
        case .text: text
        case .json: json
        case .github: github
        }
    }

    /// Each finding as compilers write it, with the line of the file and an explanation, then one for each file that has no mistake.
    public var text: String {
        files.flatMap { file in file.findings.map(\.rendering) + (file.summary.map { [$0] } ?? []) }.joined(separator: "\n")
    }

    private var json: String {
        JSONText.object([
            ("errors", .integer(count(.error))), ("warnings", .integer(count(.warning))), ("notes", .integer(count(.note))),
            ("files", .array(files.map { Self.json(of: $0) })),
        ]).text
    }

    private static func json(of file: File) -> JSONText {
        .object([
            ("file", .string(file.path)), ("policies", .integer(file.policies)), ("routes", .integer(file.routes)),
            ("findings", .array(file.findings.map { json(of: $0) })),
        ])
    }

    private static func json(of finding: PolicyFinding) -> JSONText {
        let place = finding.diagnostic
        return .object([
            ("level", .string(finding.level.rawValue)), ("rule", .string(finding.rule)), ("file", .string(place.file)),
            ("line", .integer(place.line > 0 ? place.line : nil)), ("column", .integer(place.column > 0 ? place.column : nil)),
            ("path", .string(place.path)), ("message", .string(place.message)), ("explanation", .string(finding.explanation)),
        ])
    }

    /// See "Workflow commands for GitHub Actions"; a command is one line, so what would end it is escaped.
    private var github: String {
        files.flatMap(\.findings).map { finding in
            let command =
                switch finding.level {
                case .error: "error"
                case .warning: "warning"
                case .note: "notice"
                }
            let place = finding.diagnostic
            var properties = ["file=\(Self.property(place.file))"]
            if place.line > 0 { properties += ["line=\(place.line)", "col=\(place.column)"] }
            properties.append("title=\(Self.property(finding.rule ?? "policy"))")
            let path = place.path.isEmpty ? "" : "\(place.path): "
            let message = path + place.message + (finding.explanation.map { "\n\($0)" } ?? "")
            return "::\(command) \(properties.joined(separator: ","))::\(Self.escaped(message))"
        }.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}

extension PolicyCheck.File {
    /// That the file is correct, and how many warnings and notes it has all the same; nil if it has mistakes.
    public var summary: String? {
        guard !findings.contains(where: { $0.level == .error }) else { return nil }
        let counts = [(PipelineLint.Level.warning, "warning"), (.note, "note")].compactMap { level, name in
            let count = findings.count { $0.level == level }
            return count > 0 ? Words.count(count, name) : nil
        }
        return "\(path): correct" + (counts.isEmpty ? "" : ", with \(Words.list(counts, "and"))")
    }
}
