import Holdfast

extension PolicyFinding {
    /// The finding as an object, for programs.
    package var json: JSONText {
        let place = diagnostic
        return .object([
            ("level", .string(level.rawValue)), ("rule", .string(rule)), ("file", .string(place.file)),
            ("line", .integer(place.line > 0 ? place.line : nil)), ("column", .integer(place.column > 0 ? place.column : nil)),
            ("path", .string(place.path)), ("message", .string(place.message)), ("explanation", .string(explanation)),
        ])
    }

    /// Findings as lines that show at the lines of a pull request. See "Workflow commands for GitHub Actions"; a command is one line, so what would end it is escaped.
    /// - Parameter title: what stands above those that no rule found.
    package static func github(_ findings: [PolicyFinding], title: String = "policy") -> String {
        findings.map { finding in
            let command =
                switch finding.level {
                case .error: "error"
                case .warning: "warning"
                case .note: "notice"
                }
            let place = finding.diagnostic
            var properties = ["file=\(property(place.file))"]
            if place.line > 0 { properties += ["line=\(place.line)", "col=\(place.column)"] }
            properties.append("title=\(property(finding.rule ?? title))")
            let path = place.path.isEmpty ? "" : "\(place.path): "
            let message = path + place.message + (finding.explanation.map { "\n\($0)" } ?? "")
            return "::\(command) \(properties.joined(separator: ","))::\(escaped(message))"
        }.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
