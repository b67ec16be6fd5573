public import Holdfast

/// A call as its handler sees it, besides its messages.
public final class ServerCall: Sendable {
    /// The method.
    public var method: AnyRPCMethod { route.method }
    /// What the client sent in front of its messages.
    public let metadata: Metadata
    /// When the client stops waiting, on ``TimeSource/system``; nil when it did not say. The handler's task is then cancelled.
    public let deadline: Instant?
    /// The client's address: `192.0.2.1:50000`, `[2001:db8::1]:50000`, or `unix`.
    public var peer: String { origin.address }
    /// The client's address without the port, which differs from connection to connection; what limits per peer go by.
    public var peerHost: String { origin.host }
    #if TLS
    /// Who the client has proved to be; nil unless the server asks for certificates (``RPCServer/TLSOptions/clientVerification``) and
    /// the client has given one. With the trait `TLS` only.
    public var clientCertificate: PeerCertificate? { origin.certificate }
    #endif

    /// How the client compresses its messages, if it does not send one as it is.
    public let requestCompression: MessageCompression
    /// Whether the client reads gzip.
    let acceptsGzip: Bool

    private struct Response {
        var metadata = Metadata()
        var trailers = Metadata()
        var onMessage: [@Sendable (MessageDirection) -> Void] = []
        var tampering: ServerTampering?
    }

    let route: ServerRoute
    private let origin: ServerPeer
    /// It holds the call, and is alive while the handler and the interceptors run, which is when it is asked for.
    private unowned let responder: ServerResponder
    private let response = Locked<Response?>(nil)
    private let compression: Locked<MessageCompression>

    init(
        route: ServerRoute, metadata: Metadata, deadline: Instant?, peer: ServerPeer,
        requestCompression: MessageCompression = .identity, compression: MessageCompression = .identity, acceptsGzip: Bool = false,
        responder: ServerResponder
    ) {
        self.requestCompression = requestCompression
        self.compression = Locked(compression)
        self.acceptsGzip = acceptsGzip
        self.route = route
        self.metadata = metadata
        self.deadline = deadline
        origin = peer
        self.responder = responder
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
        set { change { $0.metadata = newValue } }
    }

    /// Sent behind the last message when the handler returns; an error that it throws brings its own.
    public var responseTrailers: Metadata {
        get { response.withLock { $0?.trailers ?? [:] } }
        set { change { $0.trailers = newValue } }
    }

    /// Ends the call at the instant that it is given with DEADLINE_EXCEEDED, unless it ends earlier. To be asked for by interceptors, while
    /// they run; what they were given may be used at any time, also when the call is over.
    var limit: @Sendable (Instant) -> Void { { [responder] in responder.limit(to: $0) } }

    /// Where a stream's message goes.
    enum MessageDirection {
        case toHandler
        case toClient
    }

    /// Calls `action` with each message of a stream, behind what was asked for before.
    func onMessage(_ action: @escaping @Sendable (MessageDirection) -> Void) {
        change { $0.onMessage.append(action) }
    }

    func passes(_ direction: MessageDirection) {
        guard let actions = response.withLock({ $0?.onMessage }) else { return }
        for action in actions { action(direction) }
    }

    /// What faults do to the answer; nil, as without any, for nothing. For interceptors, before they go on.
    package var tampering: ServerTampering? {
        get { response.withLock { $0?.tampering } }
        set { change { $0.tampering = newValue } }
    }

    private func change(_ body: (inout Response) -> Void) {
        response.withLock { response in
            var changed = response ?? Response()
            body(&changed)
            response = changed
        }
    }
}
