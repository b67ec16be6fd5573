import Holdfast
package import HoldfastPolicyFiles

/// What a check found in scenario files, and in the policy files that they name.
package struct ScenarioCheck: Sendable {
    /// What was found in one file.
    package struct File: Sendable {
        package let path: String
        /// What the scenario holds, in a line; nil if it cannot be run.
        package let summary: String?
        /// What is wrong, in the order of the file.
        package let findings: [PolicyFinding]
    }

    /// What was found, file by file.
    package let files: [File]

    /// - Parameters:
    ///   - paths: scenario files.
    ///   - parameters: what `${NAME}` stands for in them.
    ///   - methods: what is known of the methods that loads call; the requests of others are not looked at.
    package init(_ paths: [String], parameters: [String: String] = [:], methods: [DemoMethod] = []) {
        files = paths.map { path in
            do throws(DocumentError) {
                let scenario = try Scenario.load(path: path, parameters: parameters, methods: methods)
                return File(path: path, summary: scenario.summary, findings: [])
            } catch {
                return File(path: path, summary: nil, findings: error.diagnostics.map { PolicyFinding($0) })
            }
        }
    }

    /// Whether something is wrong.
    package var fails: Bool { files.contains { $0.summary == nil } }

    /// One JSON object, as that of a check of policy files.
    package var json: String {
        let errors = files.flatMap(\.findings).count { $0.level == .error }
        return JSONText.object([
            ("errors", .integer(errors)),
            (
                "files",
                .array(
                    files.map { file in
                        .object([
                            ("file", .string(file.path)), ("scenario", file.summary.map { .string($0) } ?? .null),
                            ("findings", .array(file.findings.map(\.json))),
                        ])
                    })
            ),
        ]).text
    }

    /// Commands of GitHub's workflows, which show findings at the lines of a pull request.
    package var github: String { PolicyFinding.github(files.flatMap(\.findings), title: "scenario") }
}
