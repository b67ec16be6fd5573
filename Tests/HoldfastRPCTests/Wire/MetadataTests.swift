import Holdfast
import HoldfastRPC
import Testing

@Suite("Metadata")
struct MetadataTests {
    @Test("A key is the same key in capitals and in small letters, for readers and writers", arguments: ["x-tenant-bin", "X-Tenant-Bin"])
    func capitals(key: String) {
        var metadata: Metadata = ["X-TENANT-bin": "AAE"]
        #expect(metadata[key] == "AAE" && metadata.values(for: key) == ["AAE"])
        #expect(metadata.bytes(for: key) == [0, 1] && metadata.allBytes(for: key) == [[0, 1]])
        #expect(metadata.map(\.key) == ["x-tenant-bin"])
        metadata[key] = "AA"
        #expect(Array(metadata.map(\.value)) == ["AA"])
        metadata[key] = nil
        #expect(metadata.isEmpty)
    }

    @Test("A client takes headers and trailers up to its limit; what is longer it refuses by the limit's name", arguments: [2_000, 4_000])
    func longBlocks(limit: Int) async throws {
        let long = String(repeating: "x", count: 3_000)
        for isTrailer in [true, false] {
            let add: ServerInterceptor = { call, next in
                try await next()
                if isTrailer { call.responseTrailers = ["long": long] } else { call.responseMetadata = ["long": long] }
            }
            try await withServer(interceptors: [add]) { _, server, _ in
                var configuration = RPCClient.Configuration()
                configuration.maximumHeaderListSize = limit
                let client = try RPCClient(host: server.host, port: server.port, security: .plaintext, configuration: configuration)
                try await withClient(client) { client in
                    guard limit < long.utf8.count else {
                        let answer = try await client.unary(FourKinds.unary, "x")
                        return #expect((isTrailer ? answer.trailers : answer.metadata)["long"] == long)
                    }
                    let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
                    let block = isTrailer ? "trailers" : "headers"
                    #expect(error?.code == .resourceExhausted)
                    #expect(
                        error?.message
                            == "the server's \(block) are longer than this client accepts: 2000 bytes, its maximumHeaderListSize")
                }
            }
        }
    }
}
