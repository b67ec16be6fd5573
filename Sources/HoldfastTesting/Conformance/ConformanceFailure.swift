public import Holdfast

/// A gate does not do what pipelines rely on.
public struct ConformanceFailure: Error, Hashable, CustomStringConvertible {
    /// The gate's name.
    public let gate: String
    /// Its kind.
    public let kind: PolicyKind
    /// What was being checked.
    public let check: GateConformance.Check
    /// What the gate did, and what it should have done.
    public let problem: String
    /// What to give ``GateConformance`` to see the same again.
    public let seed: UInt64

    init(gate: any Gate, check: GateConformance.Check, problem: String, seed: UInt64) {
        self.gate = gate.name
        kind = gate.kind
        self.check = check
        self.problem = problem
        self.seed = seed
    }

    /// One line.
    public var description: String { "\(kind) \"\(gate)\" fails \(check.rawValue): \(problem) (seed \(seed))" }
}
