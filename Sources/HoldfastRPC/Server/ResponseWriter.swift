/// The responses of a streaming call, as the server sends them.
public struct ResponseWriter<Response: Sendable>: Sendable {
    private let responder: ServerResponder
    private let method: String
    private let encode: @Sendable (Response) throws -> [UInt8]

    init<Request>(_ responder: ServerResponder, _ method: RPCMethod<Request, Response>) {
        self.responder = responder
        self.method = method.path
        encode = method.encodeResponse
    }

    /// Sends a response; returns when there is room for another.
    /// - Parameter compress: false sends it as it is, though the call compresses.
    /// - Throws: `CancellationError` once the call has been cancelled, ``RPCError`` when the message is too long.
    public nonisolated(nonsending) func write(_ response: Response, compress: Bool = true) async throws {
        try await responder.send(try Codec.encode(response, encode, method), mayCompress: compress)
    }
}
