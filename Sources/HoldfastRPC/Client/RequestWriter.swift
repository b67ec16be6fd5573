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
    /// - Throws: ``RPCError`` once the call has ended, `CancellationError` when the task was cancelled.
    public nonisolated(nonsending) func write(_ request: Request) async throws {
        try await stream.send(try Codec.encode(request, encode, method))
    }

    /// Says that no more requests follow. Later writes are dropped.
    public func finish() {
        stream.finishSending()
    }
}
