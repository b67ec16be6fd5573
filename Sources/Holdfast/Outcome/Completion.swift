/// How an attempt ended, as a gate is told.
public enum Completion: Sendable {
    /// The operation returned a value.
    case succeeded
    /// The operation threw; the gate classifies the error.
    case failed(any Error)
    /// The outcome is already decided.
    case judged(Outcome)
}
