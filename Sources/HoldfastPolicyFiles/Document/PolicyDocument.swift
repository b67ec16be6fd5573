/// A policy file that has been read and found valid.
///
/// ```swift
/// let document = try PolicyDocument(path: "Policies/say.json")
/// ```
public struct PolicyDocument: Hashable, Sendable {
    /// The file, as it was named when it was read.
    public let file: String
    /// The policies, in the order of the file.
    public let policies: [PolicyDefinition]
    /// The routes, in the order of the file; which one wins does not depend on it.
    public let routes: [RouteDefinition]
    /// What is doubtful about the file although it can be used.
    public let warnings: [Diagnostic]

    /// Reads a file.
    /// - Parameter path: a regular file of at most 16 MiB.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(path: String) throws(DocumentError) {
        try self.init(file: path, bytes: DocumentReader.load(path: path))
    }

    /// Reads a document from memory.
    /// - Parameters:
    ///   - file: what diagnostics call it.
    ///   - bytes: JSON in UTF-8.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(file: String, bytes: [UInt8]) throws(DocumentError) {
        var warnings: [Diagnostic] = []
        let parts = try DocumentReader.read(file: file, bytes: bytes, warnings: { warnings = $0 }, Self.readParts)
        self.file = file
        self.policies = parts.policies
        self.routes = parts.routes
        self.warnings = warnings
    }

    /// The policy of that name.
    public func policy(named name: String) -> PolicyDefinition? {
        policies.first { $0.name == name }
    }
}
