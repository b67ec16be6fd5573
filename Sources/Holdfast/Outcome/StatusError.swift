/// An error that says how the call ended, so that policies can classify it without knowing who made it.
public protocol StatusError: Error {
    /// How the call ended.
    var code: StatusCode { get }

    /// How long the other side asks callers to stay away; nil when it does not say.
    var retryAfter: Duration? { get }

    /// Whether the other side asks not to be tried again (a negative `grpc-retry-pushback-ms`).
    var forbidsRetry: Bool { get }

    /// Whether the connection failed, not the service behind it.
    var isConnectionError: Bool { get }

    /// Whether the call provably never reached the service (a refused stream, one above GOAWAY's last), so that trying again is
    /// safe whatever the call does.
    var isUnprocessed: Bool { get }

    /// Whether an ``isUnprocessed`` call was refused on the other side, so that the same may be sent once more, at once and at no cost (S64).
    var isRefusedUnseen: Bool { get }

    /// Whether the other side had begun to answer: the call is committed to that answer, and not tried again (gRFC A6).
    var isCommitted: Bool { get }
}

extension StatusError {
    /// Nil: nothing was said.
    public var retryAfter: Duration? { nil }

    /// False: nothing was said.
    public var forbidsRetry: Bool { false }

    /// False: the service may have seen the call.
    public var isUnprocessed: Bool { false }

    /// That the call never reached the service, and the connection to it did not fail.
    public var isRefusedUnseen: Bool { isUnprocessed && !isConnectionError }

    /// False: nothing was said.
    public var isCommitted: Bool { false }

    /// False: the service itself answered.
    public var isConnectionError: Bool { false }
}
