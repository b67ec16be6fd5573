/// How much a call matters when resources run short; the least critical are given up first.
///
/// The four levels of "Handling Overload" in the SRE book.
public enum Criticality: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Given up first: partial unavailability is expected.
    case sheddable
    /// Given up before what is critical.
    case sheddablePlus
    /// The default.
    case critical
    /// Given up last.
    case criticalPlus

    /// How much it matters: 0 for `sheddable` to 3 for `criticalPlus`.
    package var rank: Int {
        switch self {
        case .sheddable: 0
        case .sheddablePlus: 1
        case .critical: 2
        case .criticalPlus: 3
        }
    }

    /// Whether `lhs` matters less.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }
}
