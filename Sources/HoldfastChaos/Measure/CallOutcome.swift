package import Holdfast

/// The one way in which a call ended.
package enum CallOutcome: Sendable, Hashable {
    /// The main path answered.
    case success
    /// A fallback answered.
    case fallback(step: String)
    /// A policy refused the call before any work.
    case rejected(kind: String)
    /// Nobody answered in time, and it does not matter whether the call was made: it may be made twice, or never was.
    case timeout
    case error(StatusCode)
    case cancelled
    /// A write that was sent, and nobody answered in time: it may have been done, or not.
    case indeterminate
    /// The load generator could not start it.
    case loadDropped

    /// The outcome without its detail.
    package enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        case success, fallback, rejected, timeout, error, cancelled, indeterminate, loadDropped
    }

    package var kind: Kind {
        switch self {
        case .success: .success
        case .fallback: .fallback
        case .rejected: .rejected
        case .timeout: .timeout
        case .error: .error
        case .cancelled: .cancelled
        case .indeterminate: .indeterminate
        case .loadDropped: .loadDropped
        }
    }

    /// What tells outcomes of one kind apart: the step, the policy kind, the status code.
    package var detail: String? {
        switch self {
        case .fallback(let step): step
        case .rejected(let kind): kind
        case .error(let code): code.name
        case .success, .timeout, .cancelled, .indeterminate, .loadDropped: nil
        }
    }

    /// Whether the caller got an answer.
    package var isAnswered: Bool { kind == .success || kind == .fallback }
}
