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
    /// Each fault was taken back, and a probe went through afterwards.
    case allFaultsUndone
    /// No task, descriptor or child process was left behind.
    case nothingLeaked
}
