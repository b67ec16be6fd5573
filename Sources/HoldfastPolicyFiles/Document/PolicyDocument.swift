public import HoldfastRPC

/// Policy files that have been read and found valid.
///
/// ```swift
/// let document = try PolicyDocument(path: "Policies/say.json")
/// ```
public struct PolicyDocument: Hashable, Sendable {
    /// The files and folders, as they were named when they were read.
    let paths: [String]
    /// The policies, in the order of the file, each with all that it takes over from others.
    public let policies: [PolicyDefinition]
    /// The routes, in the order of the file; which one wins does not depend on it.
    public let routes: [RouteDefinition]
    /// What is doubtful about the file although it can be used.
    public let warnings: [Diagnostic]

    /// Reads a file, or a directory.
    ///
    /// - Parameters:
    ///   - path: a regular file of at most 16 MiB, or a directory, of which all files are read that end in `.json`, `.json5` or
    ///     `.jsonc`, but not in `.schema.json`.
    ///   - environment: what references to variables stand for.
    ///   - methods: the methods whose answers are known. A document with mistakes has its fallback values for them checked too, so that
    ///     all mistakes are told at once; those of a correct one are checked when it is put to use.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(
        path: String, environment: PolicyEnvironment = .process, methods: [AnyRPCMethod] = []
    ) throws(DocumentError) {
        try self.init(paths: [path], environment: environment, methods: methods)
    }

    /// Reads several files or directories as one document: what one defines, all may use. No policy, route or name of defaults may
    /// stand in two of them.
    ///
    /// - Parameters:
    ///   - paths: regular files of at most 16 MiB together, and directories.
    ///   - environment: what references to variables stand for.
    ///   - methods: the methods whose answers are known. A document with mistakes has its fallback values for them checked too, so that
    ///     all mistakes are told at once; those of a correct one are checked when it is put to use.
    /// - Throws: ``DocumentError`` with all that is wrong with them.
    public init(
        paths: [String], environment: PolicyEnvironment = .process, methods: [AnyRPCMethod] = []
    ) throws(DocumentError) {
        try self.init(paths: paths, DocumentReader.load(paths: paths), environment, methods: methods)
    }

    /// Reads a document from memory.
    /// - Parameters:
    ///   - file: what diagnostics call it; one that ends in `.json5` or `.jsonc` may have comments.
    ///   - bytes: JSON in UTF-8.
    ///   - environment: what references to variables stand for.
    ///   - methods: the methods whose answers are known. A document with mistakes has its fallback values for them checked too, so that
    ///     all mistakes are told at once; those of a correct one are checked when it is put to use.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(
        file: String, bytes: [UInt8], environment: PolicyEnvironment = .process, methods: [AnyRPCMethod] = []
    ) throws(DocumentError) {
        try self.init(paths: [file], [SourceText(file: file, bytes: bytes)], environment, methods: methods)
    }

    /// Reads texts that were found at paths.
    init(
        paths: [String], _ texts: [SourceText], _ environment: PolicyEnvironment = .process, methods: [AnyRPCMethod] = []
    ) throws(DocumentError) {
        var warnings: [Diagnostic] = []
        let parts = try DocumentReader.read(texts, environment: environment, warnings: { warnings = $0 }) { roots, document in
            Self.readParts(roots, document, methods)
        }
        self.paths = paths
        self.policies = parts.policies
        self.routes = parts.routes
        self.warnings = warnings
    }

    /// The file, as it was named when it was read; of several, all with commas between.
    public var file: String { paths.joined(separator: ", ") }

    /// The policy of that name.
    public func policy(named name: String) -> PolicyDefinition? {
        policies.first { $0.name == name }
    }
}
