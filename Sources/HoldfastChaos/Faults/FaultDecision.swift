package import Holdfast

/// What a service does to an attempt.
package enum FaultDecision: Sendable, Hashable {
    /// Serves it.
    case none
    /// Answers with this status and does no work.
    case error(StatusCode, message: String)
    /// Never answers.
    case hang
    /// Serves it later.
    case delay(Duration)
}
