import Holdfast
import HoldfastRPC
import Testing

@Suite("What a client says of itself")
struct ClientIdentityTests {
    @Test(
        "The user agent names the program before the library",
        arguments: [("", "holdfast-swift/0.1"), ("my-shop/2.1", "my-shop/2.1 holdfast-swift/0.1")])
    func userAgent(prefix: String, expected: String) async throws {
        let seen = Locked<String?>(nil)
        let look: ServerInterceptor = { call, next in
            seen.withLock { $0 = call.metadata["user-agent"] }
            try await next()
        }
        try await withServer(interceptors: [look]) { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.userAgentPrefix = prefix
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            _ = try await client.unary(FourKinds.unary, "x")
            await client.shutdown()
        }
        #expect(seen.withLock { $0 } == expected)
    }
}
