public import HoldfastRPC

/// A typed client of the Echo service.
///
/// Each call lives inside a closure, which runs where its caller runs; leaving it ends the call.
public struct EchoClient: Sendable {
    private let client: RPCClient

    /// Makes a client over `client`, which may be shared with others.
    public init(_ client: RPCClient) {
        self.client = client
    }

    /// Echoes what `body` writes.
    /// - Throws: `RPCError`, `CancellationError` when the task was cancelled, and what `body` throws.
    public nonisolated(nonsending) func echo<Result>(
        options: CallOptions = CallOptions(),
        _ body:
            nonisolated(nonsending) (
                RequestWriter<Echoserver_EchoRequest>, ResponseStream<Echoserver_EchoResponse>
            ) async throws -> Result
    ) async throws -> Result {
        try await client.bidirectional(SayEchoMethods.echo, options: options, body)
    }

    /// Gives `body` five messages, one a second.
    /// - Throws: `RPCError`, `CancellationError` when the task was cancelled, and what `body` throws.
    public nonisolated(nonsending) func stream<Result>(
        options: CallOptions = CallOptions(),
        _ body: nonisolated(nonsending) (ResponseStream<Echoserver_EchoResponse>) async throws -> Result
    ) async throws -> Result {
        try await client.serverStreaming(SayEchoMethods.stream, Echoserver_Empty(), options: options, body)
    }

    /// Gives `body` a heartbeat a second, until it finishes its own.
    /// - Throws: `RPCError`, `CancellationError` when the task was cancelled, and what `body` throws.
    public nonisolated(nonsending) func heartbeats<Result>(
        options: CallOptions = CallOptions(),
        _ body:
            nonisolated(nonsending) (
                RequestWriter<Echoserver_Empty>, ResponseStream<Echoserver_Heartbeat>
            ) async throws -> Result
    ) async throws -> Result {
        try await client.bidirectional(SayEchoMethods.heartbeats, options: options, body)
    }
}
