import Holdfast

/// A call with one message in each direction, and the task that waits for it.
final class UnaryCall: ClientCall, @unchecked Sendable {
    typealias Reply = RPCResponse<[UInt8]>

    private var continuation: UnsafeContinuation<Reply, any Error>?
    private var message: [UInt8]?
    private let request: [UInt8]

    init(_ request: UnaryRequest) {
        self.request = request.message
        super.init(
            path: request.path, metadata: request.metadata, deadline: request.deadline, attempts: request.attempts,
            waitsForReady: request.waitsForReady)
        outbound.append(request.message)
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

    override func received(_ message: [UInt8]) -> RPCError? {
        guard self.message == nil else {
            return .local(.internalError, "the server sent more than one message in answer to a unary call")
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
                let error = RPCError.local(.internalError, "the server answered OK without a message")
                return continuation.resume(throwing: error)
            }
            continuation.resume(
                returning: Reply(message: message, metadata: head.metadata, trailers: trailers, endpoint: subchannel?.endpoint))
        }
    }
}
