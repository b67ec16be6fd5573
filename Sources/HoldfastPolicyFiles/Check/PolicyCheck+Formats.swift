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
            ("findings", .array(file.findings.map(\.json))),
        ])
    }

    private var github: String { PolicyFinding.github(files.flatMap(\.findings)) }
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
