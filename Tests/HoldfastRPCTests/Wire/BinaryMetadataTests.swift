import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Binary metadata")
struct BinaryMetadataTests {
    @Test(
        "Values are read with and without padding, and apart where a proxy joined them with commas",
        arguments: [
            (["AAH/"], [[0, 1, 255]]), (["AAE"], [[0, 1]]), (["AAE="], [[0, 1]]), (["AA=="], [[0]]),
            (["AAE=,AA,AAH/"], [[0, 1], [0], [0, 1, 255]]),
            (["AA, AAE"], [[0], [0, 1]]), (["AA", "AAE"], [[0], [0, 1]]), ([""], [[]]), (["AA,"], [[0], []]), (["?"], []), (["AA,?"], []),
            ([], []),
        ] as [([String], [[UInt8]])])
    func values(texts: [String], bytes: [[UInt8]]) {
        var metadata = Metadata()
        for text in texts { metadata.add(text, for: "a-bin") }
        #expect(metadata.allBytes(for: "a-bin") == bytes)
        #expect(metadata.bytes(for: "a-bin") == bytes.first)
    }

    @Test("Status details pass through both sides as they are")
    func details() async throws {
        let details: [UInt8] = [8, 5, 0, 255]
        let refuse: ServerInterceptor = { _, _ in
            var error = RPCError(.notFound, "no")
            error.metadata.add(details, for: "grpc-status-details-bin")
            throw error
        }
        try await withServer(interceptors: [refuse]) { client, _, _ in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.metadata.bytes(for: "grpc-status-details-bin") == details)
        }
    }

    @Test("What a server sends beyond the header limit is refused")
    func tooLarge() async throws {
        let refuse: ServerInterceptor = { call, next in
            try await next()
            call.responseMetadata = ["long": String(repeating: "x", count: 20_000)]
        }
        try await withServer(interceptors: [refuse]) { client, _, _ in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.code == .resourceExhausted)
        }
    }
}
