/// How much a call matters when resources run short; the least critical are given up first.
public enum Criticality: String, Hashable, Sendable, CaseIterable {
    /// Given up last.
    case criticalPlus
    /// The default.
    case critical
    /// Given up before what is critical.
    case sheddablePlus
    /// Given up first.
    case sheddable
}
