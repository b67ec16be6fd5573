public import HoldfastRPC

/// A typed client of the Say service.
public struct SayClient: Sendable {
    private let client: RPCClient

    /// Makes a client over `client`, which may be shared with others.
    public init(_ client: RPCClient) {
        self.client = client
    }

    /// Asks the service to put `msg` into `name`'s mouth.
    /// - Returns: the JSON text that it answers with.
    /// - Throws: `RPCError`, or `CancellationError` when the task was cancelled.
    public nonisolated(nonsending) func sayHi(
        name: String, msg: String, options: CallOptions = CallOptions()
    ) async throws -> String {
        var request = Grpconepb_Say()
        request.name = name
        request.msg = msg
        return try await client.unary(SayEchoMethods.sayHi, request, options: options).message.body
    }
}
