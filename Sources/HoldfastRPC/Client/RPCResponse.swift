/// The answer to a call that gives one message.
public struct RPCResponse<Message: Sendable>: Sendable {
    /// The message.
    public var message: Message
    /// What the server sent in front of the message.
    public var metadata: Metadata
    /// What the server sent behind it.
    public var trailers: Metadata

    /// Makes an answer.
    public init(message: Message, metadata: Metadata = [:], trailers: Metadata = [:]) {
        self.message = message
        self.metadata = metadata
        self.trailers = trailers
    }
}

extension RPCResponse: Equatable where Message: Equatable {}
