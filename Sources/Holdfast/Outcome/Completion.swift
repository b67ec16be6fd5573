/// How an attempt ended, as a gate is told.
public enum Completion: Sendable {
    /// The operation returned a value.
    case succeeded
    /// The operation threw; the gate classifies the error.
    case failed(any Error)
    /// Another attempt of the same hedged call answered first and this one was cancelled. That says nothing about the service, unless
    /// the attempt was already slow.
    case superseded
    /// The outcome is already decided.
    case judged(Outcome)
}
