/// A doubtful or impossible choice in a pipeline: found by reading its settings, before any call is made (S82).
///
/// ```swift
/// for lint in say.lint() { print(lint) }
/// ```
public struct PipelineLint: Hashable, Sendable, CustomStringConvertible {
    /// How much is wrong.
    public enum Level: String, Hashable, Sendable, CaseIterable, Comparable {
        /// Worth knowing; often meant so.
        case note
        /// Probably not what was meant.
        case warning
        /// It cannot work at all.
        case error

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }

        /// Whether `lhs` is less wrong.
        public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }
    }

    /// Which rule found it.
    public let rule: Rule
    /// How much is wrong.
    public let level: Level
    /// The stages concerned, as indices of ``Pipeline/stages``, the one to look at first in front; empty for the whole pipeline.
    public let stages: [Int]
    /// What is doubtful, in one sentence with the numbers.
    public let problem: String
    /// Why that matters, and what would be right.
    public let explanation: String

    /// Two lines: level, problem and rule, then the explanation.
    public var description: String { "\(level.rawValue): \(problem) [\(rule.rawValue)]\n  \(explanation)" }
}

extension Pipeline {
    /// The longest that a call may take by the settings in force, in nanoseconds: waits in queues, the longest backoffs, and waits that a
    /// service may ask for included. Nil when nothing limits it.
    package var longestNanoseconds: Int64? { PipelineLinter(stages).longestCall }

    /// Looks for doubtful orders and sizes of the policies, by their settings in force now; outermost first.
    ///
    /// What it does not know, such as how long the operation takes or how many calls come, it does not guess. A pipeline without a
    /// lint may still be wrong; one with an ``PipelineLint/Level/error`` is.
    public func lint() -> [PipelineLint] {
        var linter = PipelineLinter(stages)
        linter.lintTimeouts()
        linter.lintRetries()
        linter.lintHedges()
        linter.lintBreakers()
        linter.lintQueues()
        linter.lintGates()
        return linter.sortedLints
    }
}
