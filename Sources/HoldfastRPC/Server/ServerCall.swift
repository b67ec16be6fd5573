public import Holdfast

/// A call as its handler sees it, besides its messages.
public final class ServerCall: Sendable {
    /// The method.
    public let method: AnyRPCMethod
    /// What the client sent in front of its messages.
    public let metadata: Metadata
    /// When the client stops waiting, on ``TimeSource/system``; nil when it did not say. The handler's task is then cancelled.
    public let deadline: Instant?
    /// The client's address.
    public let peer: String

    private let response = Locked<(metadata: Metadata, trailers: Metadata)?>(nil)

    init(method: AnyRPCMethod, metadata: Metadata, deadline: Instant?, peer: String) {
        self.method = method
        self.metadata = metadata
        self.deadline = deadline
        self.peer = peer
    }

    /// Sent in front of the first message; changes after that are lost.
    public var responseMetadata: Metadata {
        get { response.withLock { $0?.metadata ?? [:] } }
        set { response.withLock { $0 = (newValue, $0?.trailers ?? [:]) } }
    }

    /// Sent behind the last message when the handler returns; an error that it throws brings its own.
    public var responseTrailers: Metadata {
        get { response.withLock { $0?.trailers ?? [:] } }
        set { response.withLock { $0 = ($0?.metadata ?? [:], newValue) } }
    }
}
