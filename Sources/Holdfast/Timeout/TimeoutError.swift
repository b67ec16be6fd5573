/// An attempt did not end in time.
///
/// It is no cancellation: it counts as a failure unless told otherwise, and says which limit ran out.
public struct TimeoutError: StatusError, Hashable, CustomStringConvertible {
    /// Which limit ran out.
    public enum Scope: String, Hashable, Sendable {
        /// The timeout around the whole call.
        case total
        /// The timeout around one attempt.
        case attempt
        /// The time between two messages of a stream.
        case idle
        /// The deadline that the caller gave, or an enclosing pipeline.
        case deadline
    }

    /// The name of the timeout policy; nil for the caller's deadline.
    public let policy: String?
    /// Which limit ran out.
    public let scope: Scope
    /// How long was allowed.
    public let after: Duration

    /// Makes an error.
    public init(policy: String?, scope: Scope, after: Duration) {
        self.policy = policy
        self.scope = scope
        self.after = after
    }

    /// `DEADLINE_EXCEEDED`.
    public var code: StatusCode { .deadlineExceeded }

    /// One line: which limit, and how long it was.
    public var description: String {
        switch scope {
        case .deadline: "the caller's deadline passed after \(after)"
        case .idle: "the stream was silent for longer than \(after), the idle timeout \"\(policy ?? "timeout")\""
        case .attempt, .total: "\(scope.rawValue) timeout \"\(policy ?? "timeout")\" expired after \(after)"
        }
    }
}
