/// An error that says how the call ended, so that policies can classify it without knowing who made it.
public protocol StatusError: Error {
    /// How the call ended.
    var code: StatusCode { get }

    /// How long the other side asks callers to stay away; nil when it does not say.
    var retryAfter: Duration? { get }

    /// Whether the connection failed, not the service behind it.
    var isConnectionError: Bool { get }
}

extension StatusError {
    /// Nil: nothing was said.
    public var retryAfter: Duration? { nil }

    /// False: the service itself answered.
    public var isConnectionError: Bool { false }
}
