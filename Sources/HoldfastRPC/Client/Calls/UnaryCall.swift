import Holdfast

/// A call with one message in each direction, and the task that waits for it.
final class UnaryCall: ClientCall, @unchecked Sendable {
    typealias Reply = RPCResponse<WireMessage>

    private var continuation: UnsafeContinuation<Reply, any Error>?
    private var message: WireMessage?
    private let request: WireMessage

    init(_ request: UnaryRequest) {
        self.request = WireMessage(request.message, compression: request.compression)
        super.init(
            path: request.path, metadata: request.metadata, deadline: request.deadline, attempts: request.attempts,
            waitsForReady: request.waitsForReady, isCutShort: request.isCutShort)
        outbound.append(self.request)
        outbound.isFinished = true
    }

    override func replay() -> OutboundMessages? {
        var messages = OutboundMessages()
        messages.append(request)
        return messages
    }

    /// Sets who waits; before the call is handed to the event loop.
    func wait(_ continuation: UnsafeContinuation<Reply, any Error>) {
        self.continuation = continuation
    }

    override func received(_ message: WireMessage) -> RPCError? {
        guard self.message == nil else {
            return .local(.unimplemented, "the server sent more than one message in answer to a unary call")
        }
        self.message = message
        return nil
    }

    override func finished(_ outcome: Result<Metadata, any Error>) {
        guard let continuation = continuation.take() else { return }
        switch outcome {
        case .failure(let error):
            continuation.resume(throwing: error)
        case .success(let trailers):
            guard let message else {
                let error = RPCError.local(.unimplemented, "the server answered OK without a message")
                return continuation.resume(throwing: error)
            }
            continuation.resume(
                returning: Reply(message: message, metadata: head.metadata, trailers: trailers, endpoint: subchannel?.endpoint))
        }
    }
}

extension RPCResponse<WireMessage> {
    /// The answer with its message as it was before the server compressed it.
    func decompressed(limit: Int) throws(RPCError) -> RPCResponse<[UInt8]> {
        RPCResponse<[UInt8]>(
            message: try message.decompressed(limit: limit), metadata: metadata, trailers: trailers, source: source,
            endpoint: endpoint)
    }
}
