import Holdfast

/// The responses of a streaming call, in order; the end comes with the server's OK, and any other status is thrown.
///
/// To be read by one task.
public struct ResponseStream<Response: Sendable>: AsyncSequence, Sendable {
    private let stream: any ClientStream
    private let method: String
    private let decode: @Sendable ([UInt8]) throws -> Response

    init<Request>(_ stream: any ClientStream, _ method: RPCMethod<Request, Response>) {
        self.stream = stream
        self.method = method.path
        decode = method.decodeResponse
    }

    /// The next response; nil when the server has ended the call with OK.
    /// - Throws: ``RPCError``, or `CancellationError` when the task was cancelled.
    public nonisolated(nonsending) func next() async throws -> Response? {
        guard let bytes = try await stream.next() else { return nil }
        do {
            return try Codec.decode(bytes, decode, method)
        } catch {
            throw rejecting(error)
        }
    }

    /// What the server sent in front of its responses; waits for it.
    /// - Throws: ``RPCError`` when the call failed before.
    public var metadata: Metadata {
        get async throws { try await stream.metadata() }
    }

    /// What the server sent behind its responses; empty until the end has been read.
    public var trailingMetadata: Metadata { stream.trailingMetadata }

    /// The one response of a call that gives one. Another number of them is UNIMPLEMENTED, as in gRPC's list of status codes: the two
    /// sides do not have the same method.
    nonisolated(nonsending) func only() async throws -> RPCResponse<Response> {
        guard let response = try await next() else {
            throw rejecting(.local(.unimplemented, "the server answered OK without a message"))
        }
        guard try await stream.next() == nil else {
            throw rejecting(.local(.unimplemented, "the server sent more than one message where one was due"))
        }
        return RPCResponse(message: response, metadata: try await stream.metadata(), trailers: stream.trailingMetadata)
    }

    /// What the server sent is the service's failure, whatever the reader makes of it.
    private func rejecting(_ error: RPCError) -> RPCError {
        stream.reject(error)
        return error
    }

    /// Reads the responses; all iterators of one call share them.
    public func makeAsyncIterator() -> Iterator {
        Iterator(stream: self)
    }

    /// Reads the responses.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: ResponseStream

        /// The next response.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Response? {
            try await stream.next()
        }

        /// The next response.
        public mutating func next() async throws -> Response? {
            try await stream.next()
        }
    }
}
