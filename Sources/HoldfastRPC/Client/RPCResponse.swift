public import Holdfast

/// The answer to a call that gives one message.
public struct RPCResponse<Message: Sendable>: Sendable {
    /// The message.
    public var message: Message
    /// What the server sent in front of the message.
    public var metadata: Metadata
    /// What the server sent behind it.
    public var trailers: Metadata
    /// Whether the server answered, or a fallback in its place.
    public var source: AnswerSource
    /// Which endpoint answered; nil for the answer to a streaming call, and for one from a fallback.
    public var endpoint: Endpoint?

    /// Makes an answer.
    public init(
        message: Message, metadata: Metadata = [:], trailers: Metadata = [:], source: AnswerSource = .main, endpoint: Endpoint? = nil
    ) {
        self.message = message
        self.metadata = metadata
        self.trailers = trailers
        self.source = source
        self.endpoint = endpoint
    }
}

extension RPCResponse<[UInt8]> {
    /// The same answer with its message as `decode` reads it.
    func decoded<Response: Sendable>(_ decode: ([UInt8]) throws(RPCError) -> Response) throws(RPCError) -> RPCResponse<Response> {
        RPCResponse<Response>(
            message: try decode(message), metadata: metadata, trailers: trailers, source: source, endpoint: endpoint)
    }
}

extension RPCResponse {
    /// The fallback step that answered; nil when the server did.
    public var fallbackStep: String? { source.fallbackStep }
}
