/// The requests of a streaming call, in order, until the client has finished. To be read by one task.
public struct RequestStream<Request: Sendable>: AsyncSequence, Sendable {
    private let responder: ServerResponder
    private let method: String
    private let decode: @Sendable ([UInt8]) throws -> Request

    init<Response>(_ responder: ServerResponder, _ method: RPCMethod<Request, Response>) {
        self.responder = responder
        self.method = method.path
        decode = method.decodeRequest
    }

    /// The next request; nil when the client has sent its last.
    /// - Throws: ``RPCError`` for bad requests, `CancellationError` when the call has been cancelled.
    public nonisolated(nonsending) func next() async throws -> Request? {
        guard let bytes = try await responder.next() else { return nil }
        return try Codec.decodeRequest(bytes, decode, method)
    }

    /// Reads the requests; all iterators of one call share them.
    public func makeAsyncIterator() -> Iterator {
        Iterator(stream: self)
    }

    /// Reads the requests.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: RequestStream

        /// The next request.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Request? {
            try await stream.next()
        }

        /// The next request.
        public mutating func next() async throws -> Request? {
            try await stream.next()
        }
    }
}
