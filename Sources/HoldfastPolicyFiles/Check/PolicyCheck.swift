public import Holdfast
public import HoldfastRPC

/// What a check found in files and folders: syntax, ranges, documents that cannot work, and lints.
///
/// ```swift
/// let check = PolicyCheck(["Policies"], methods: SayEchoMethods.all)
/// print(check.text)
/// ```
public struct PolicyCheck: Sendable {
    /// How findings are written.
    public enum Format: String, Sendable, CaseIterable {
        /// Lines as compilers write them.
        case text
        /// One JSON object.
        case json
        /// Commands of GitHub's workflows, which show findings at the lines of a pull request.
        case github
    }

    /// What was found in one document: a file, the files of one folder, or several that are read together.
    public struct File: Hashable, Sendable {
        /// The file or the folder, as it was named; of several, all with commas between.
        public let path: String
        /// How many policies it has; nil if it cannot be used.
        public let policies: Int?
        /// How many routes it has; nil if it cannot be used.
        public let routes: Int?
        /// What is wrong or doubtful, in the order of the file.
        public let findings: [PolicyFinding]
    }

    /// What was found, file by file.
    public let files: [File]

    /// Checks files and folders, each by itself.
    /// - Parameters:
    ///   - paths: files and folders.
    ///   - methods: the methods whose answers are known, so that those in the files can be checked.
    public init(_ paths: [String], methods: [AnyRPCMethod] = []) {
        self.init(paths.map { [$0] }, methods: methods)
    }

    /// Checks documents of several files each.
    /// - Parameters:
    ///   - documents: for each document its files and folders.
    ///   - methods: the methods whose answers are known, so that those in the files can be checked.
    public init(_ documents: [[String]], methods: [AnyRPCMethod] = []) {
        files = documents.map { Self.check($0, methods) }
    }

    private static func check(_ paths: [String], _ methods: [AnyRPCMethod]) -> File {
        let path = paths.joined(separator: ", ")
        do throws(DocumentError) {
            let document = try PolicyDocument(paths: paths, methods: methods)
            var findings = document.warnings.map { PolicyFinding($0) } + document.lint()
            do throws(DocumentError) {
                try document.checkFallbackValues(methods)
            } catch {
                findings += error.diagnostics.map { PolicyFinding($0) }
            }
            return File(
                path: path, policies: document.policies.count, routes: document.routes.count, findings: findings.sortedByPlace)
        } catch {
            return File(path: path, policies: nil, routes: nil, findings: error.diagnostics.map { PolicyFinding($0) })
        }
    }

    /// How many findings of a level there are.
    public func count(_ level: PipelineLint.Level) -> Int {
        files.reduce(0) { $0 + $1.findings.count { $0.level == level } }
    }

    /// Whether something is wrong; with `strict`, whether something is doubtful. Notes are neither.
    public func fails(strict: Bool) -> Bool {
        count(.error) > 0 || strict && count(.warning) > 0
    }
}
