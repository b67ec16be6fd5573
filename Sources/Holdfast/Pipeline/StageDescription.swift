/// What one stage of a pipeline is, does and has done; for programs that show or record pipelines.
public struct StageDescription: Hashable, Sendable, CustomStringConvertible {
    /// The stage's place, from 0 for the outermost.
    public let index: Int
    /// The policy's kind, spelled as in policy files.
    public let kind: PolicyKind
    /// The policy's name.
    public let name: String
    /// What the policy does, with its settings in force, in a sentence.
    public let summary: String
    /// How often it decided what, since it was made.
    public let counters: PolicyCounters

    /// One line: place, kind, name and what the policy does.
    public var description: String { "[\(index)] \(kind) \"\(name)\": \(summary)" }
}
