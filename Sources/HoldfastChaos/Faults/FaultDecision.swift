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

extension FaultDecision {
    /// What is done, in a few words; nil for nothing.
    var deed: String? {
        switch self {
        case .none: nil
        case .error(let code, _, .afterWork): "answered \(code.name) after the work"
        case .error(let code, _, _): "answered \(code.name)"
        case .hang: "never answered"
        case .delay(let time, _): "served \(Figure.time(time.seconds)) later"
        case .answer(let fault, _, _): fault.deed
        }
    }
}

extension AnswerFault {
    /// What it does, in a few words.
    fileprivate var deed: String {
        switch self {
        case .partial: "broke the answer off"
        case .garble: "garbled the answer"
        case .wrongData: "gave the answer to another request"
        case .slowStream: "held the answer's messages up"
        }
    }
}
