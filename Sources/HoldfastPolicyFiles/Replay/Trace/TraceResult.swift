import Holdfast

/// How an attempt of a trace ended.
enum TraceResult: Hashable, Sendable {
    /// As the trace judges it.
    case judged(Outcome)
    /// Another attempt of the same hedged call answered first.
    case superseded
    /// With a status, to be classified by the policy.
    case failed(TraceFailure)

    /// What a gate is told.
    var completion: Completion {
        switch self {
        case .judged(.success): .succeeded
        case .judged(let outcome): .judged(outcome)
        case .superseded: .superseded
        case .failed(let failure): .failed(failure.error)
        }
    }
}

/// A failure as a trace describes it.
struct TraceFailure: StatusError, Hashable, CustomStringConvertible {
    var code: StatusCode
    var retryAfter: Duration?
    var forbidsRetry = false
    var isConnectionError = false
    var isUnprocessed = false
    /// Whether a timeout of Holdfast's own ended the attempt.
    var isTimeout = false

    /// What a policy sees.
    var error: any Error {
        isTimeout ? TimeoutError(policy: "timeout", scope: .attempt, after: .zero) : self
    }

    var description: String { isTimeout ? "timeout" : code.name }
}
