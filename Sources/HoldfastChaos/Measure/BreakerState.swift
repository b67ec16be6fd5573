/// The states of a circuit breaker, by the names that events and scenarios use.
package enum BreakerState: String, Sendable, Hashable, CaseIterable, Codable {
    case closed
    case open
    case halfOpen
    case isolated
    case disabled
    case observing

    /// One letter for a strip such as `CCCCOOOHHC`.
    package var letter: Character {
        switch self {
        case .closed: "C"
        case .open: "O"
        case .halfOpen: "H"
        case .isolated: "I"
        case .disabled: "-"
        case .observing: "B"
        }
    }
}
