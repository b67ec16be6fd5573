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

    /// How the client compresses its messages, if it does not send one as it is.
    public let requestCompression: MessageCompression
    /// Whether the client reads gzip.
    let acceptsGzip: Bool

    private let response = Locked<(metadata: Metadata, trailers: Metadata)?>(nil)
    private let compression: Locked<MessageCompression>

    init(
        method: AnyRPCMethod, metadata: Metadata, deadline: Instant?, peer: String,
        requestCompression: MessageCompression = .identity, compression: MessageCompression = .identity, acceptsGzip: Bool = false
    ) {
        self.requestCompression = requestCompression
        self.compression = Locked(compression)
        self.acceptsGzip = acceptsGzip
        self.method = method
        self.metadata = metadata
        self.deadline = deadline
        self.peer = peer
    }

    /// How responses are compressed; the server's own setting unless changed. Changes after the first message are lost, and a client
    /// that does not read gzip gets none.
    public var responseCompression: MessageCompression {
        get { compression.withLock { $0 } }
        set { compression.withLock { $0 = newValue } }
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
