/// What must hold in every run, whatever is broken.
package enum Invariant: String, Sendable, Hashable, CaseIterable {
    /// Each call offered ended once, in one way.
    case everyCallHasOneOutcome
    /// No answer belonged to another request.
    case noWrongData
    /// The main path gave no answer after the deadline.
    case noAnswerAfterDeadline
    /// No call was sent more often than its policy allows.
    case attemptsWithinMaximum
    /// No call whose route is not idempotent was worked on twice.
    case atMostOnce
    /// What the transport sent again by itself cost no attempt of the policies.
    case transparentRetriesAreFree
    /// Each fault was taken back, and a probe went through afterwards.
    case allFaultsUndone
    /// No task, descriptor or child process was left behind.
    case nothingLeaked

    /// What must hold, in words.
    package var rule: String {
        switch self {
        case .everyCallHasOneOutcome: "each call offered ends once"
        case .noWrongData: "no answer belongs to another request"
        case .noAnswerAfterDeadline: "the main path gives no answer after the deadline"
        case .attemptsWithinMaximum: "no call is sent more often than its policy allows"
        case .atMostOnce: "no call that is not idempotent is worked on twice"
        case .transparentRetriesAreFree: "what the transport sends again by itself costs no attempt"
        case .allFaultsUndone: "each fault is taken back"
        case .nothingLeaked: "no task, descriptor or child process is left behind"
        }
    }
}
