/// Which sides of a call send several messages.
public enum RPCKind: String, Hashable, Sendable {
    /// One request, one response.
    case unary
    /// One request, several responses.
    case serverStreaming
    /// Several requests, one response.
    case clientStreaming
    /// Several of both, at the same time.
    case bidirectional

    package var hasSingleRequest: Bool { self == .unary || self == .serverStreaming }
    package var hasSingleResponse: Bool { self == .unary || self == .clientStreaming }
}
