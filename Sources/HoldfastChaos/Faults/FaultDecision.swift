package import Holdfast

/// What a service does to an attempt.
package enum FaultDecision: Sendable, Hashable {
    /// Serves it.
    case none
    /// Answers with this status.
    case error(StatusCode, message: String, when: FaultKind.ErrorMoment = .trailersOnly)
    /// Never answers.
    case hang
    /// Serves it later; one that cannot be cancelled is served even if its caller has gone.
    case delay(Duration, isCancellable: Bool = true)
    /// Serves it, and does that to the answer, its times shortened to a share of what they are.
    case answer(AnswerFault, KeyedRandom, level: Double)
}
