package import Holdfast

/// What a service does to an attempt.
package struct FaultDecision: Sendable, Hashable {
    /// How much later it does that.
    package var delay = Duration.zero
    /// Whether one that is held up is dropped when its caller goes; otherwise its work is done all the same.
    package var isCancellable = true
    package var effect = Effect.none

    /// What it does in the end.
    package enum Effect: Sendable, Hashable {
        /// Serves it.
        case none
        /// Answers with this status.
        case error(StatusCode, message: String, when: FaultKind.ErrorMoment = .trailersOnly)
        /// Never answers.
        case hang
        /// Serves it, and does that to the answer, its times shortened to a share of what they are.
        case answer(AnswerFault, KeyedRandom, level: Double)
    }
}

extension FaultDecision.Effect {
    /// What is done, in a few words.
    var deed: String {
        switch self {
        case .none: "served"
        case .error(let code, _, .afterWork): "answered \(code.name) after the work"
        case .error(let code, _, _): "answered \(code.name)"
        case .hang: "never answered"
        case .answer(.partial, _, _): "broke the answer off"
        case .answer(.garble, _, _): "garbled the answer"
        case .answer(.wrongData, _, _): "gave the answer to another request"
        case .answer(.slowStream, _, _): "held the answer's messages up"
        }
    }
}
