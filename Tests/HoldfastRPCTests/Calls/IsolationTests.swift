import HoldfastRPC
import Testing

/// In Swift 6.3.1 code that runs in its caller's isolation can lose it after an actor call; every entry is held to it here.
@Suite("Calls from an actor")
struct IsolationTests {
    private actor Caller {
        private var count = 0

        private func here() {
            assertIsolated()
            count += 1
        }

        func run(_ client: RPCClient) async throws -> Int {
            _ = try await client.unary(FourKinds.unary, "x")
            here()
            try await client.serverStreaming(FourKinds.serverStreaming, "one two") { responses in
                here()
                while try await responses.next() != nil { here() }
                _ = try await responses.metadata
                here()
            }
            here()
            _ = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                here()
                try await requests.write("x")
                here()
            }
            here()
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                here()
                try await requests.write("x")
                here()
                requests.finish()
                for try await _ in responses { here() }
                here()
            }
            here()
            return count
        }
    }

    @Test("Closures and continuations stay on the caller's actor")
    func customActor() async throws {
        try await withServer { client, _, _ in
            let checks = try await Caller().run(client)
            #expect(checks == 14)
        }
    }
}
