/// The four kinds of calls.
///
/// A streaming call lives inside a closure, which runs where its caller runs: when the closure is left, by whatever way, a
/// call that has not ended is reset, so that none is left open by accident.
extension RPCClient {
    /// Makes a call with one message in each direction.
    /// - Throws: ``RPCError``, or `CancellationError` when the task was cancelled.
    public nonisolated(nonsending) func unary<Request, Response>(
        _ method: RPCMethod<Request, Response>, _ request: Request, options: CallOptions = CallOptions()
    ) async throws -> RPCResponse<Response> {
        let message = try Codec.encode(request, method.encodeRequest, method.path)
        return try await unary(path: method.path, message, options: options) { bytes throws(RPCError) in
            try Codec.decode(bytes, method.decodeResponse, method.path)
        }
    }

    /// Makes a call with one request, and reads its responses in `body`.
    /// - Throws: ``RPCError``, `CancellationError` when the task was cancelled, and what `body` throws.
    public nonisolated(nonsending) func serverStreaming<Request, Response, Result>(
        _ method: RPCMethod<Request, Response>, _ request: Request, options: CallOptions = CallOptions(),
        _ body: nonisolated(nonsending) (ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
        let message = try Codec.encode(request, method.encodeRequest, method.path)
        return try await withStream(path: method.path, options: options) { stream in
            try await stream.send(StreamMessage(message))
            stream.finishSending()
            return try await body(ResponseStream(stream, method))
        }
    }

    /// Makes a call whose requests `body` writes, and waits for the one response.
    ///
    /// When the server answers before `body` has written all, writing throws, and the server's answer counts.
    /// - Throws: ``RPCError``, `CancellationError` when the task was cancelled, and what `body` throws.
    public nonisolated(nonsending) func clientStreaming<Request, Response>(
        _ method: RPCMethod<Request, Response>, options: CallOptions = CallOptions(),
        _ body: nonisolated(nonsending) (RequestWriter<Request>) async throws -> Void
    ) async throws -> RPCResponse<Response> {
        try await withStream(path: method.path, options: options) { stream in
            let writer = RequestWriter(stream, method)
            do {
                try await body(writer)
            } catch let error as RPCError where error == .endedEarly {
                // The server has answered already.
            }
            writer.finish()
            return try await ResponseStream(stream, method).only()
        }
    }

    /// Makes a call that `body` writes requests to, and reads responses from.
    /// - Throws: ``RPCError``, `CancellationError` when the task was cancelled, and what `body` throws.
    public nonisolated(nonsending) func bidirectional<Request, Response, Result>(
        _ method: RPCMethod<Request, Response>, options: CallOptions = CallOptions(),
        _ body: nonisolated(nonsending) (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
        try await withStream(path: method.path, options: options) { stream in
            try await body(RequestWriter(stream, method), ResponseStream(stream, method))
        }
    }
}
