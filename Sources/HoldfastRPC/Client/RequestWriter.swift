/// The requests of a streaming call, as the client sends them.
public struct RequestWriter<Request: Sendable>: Sendable {
    private let stream: any ClientStream
    private let method: String
    private let encode: @Sendable (Request) throws -> [UInt8]

    init<Response>(_ stream: any ClientStream, _ method: RPCMethod<Request, Response>) {
        self.stream = stream
        self.method = method.path
        encode = method.encodeRequest
    }

    /// Sends a request; returns when there is room for another.
    /// - Parameter compress: false sends it as it is, though the call compresses: what is secret and shares a message with what a
    ///   stranger may choose is better not compressed.
    /// - Throws: ``RPCError`` once the call has ended, with FAILED_PRECONDITION after ``finish()``; `CancellationError` when the task
    ///   was cancelled.
    public nonisolated(nonsending) func write(_ request: Request, compress: Bool = true) async throws {
        try await stream.send(StreamMessage(try Codec.encode(request, encode, method), mayCompress: compress))
    }

    /// Says that no more requests follow. Later writes throw.
    public func finish() {
        stream.finishSending()
    }
}
