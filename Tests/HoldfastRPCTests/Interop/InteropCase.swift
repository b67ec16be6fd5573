import Foundation
import Holdfast
import HoldfastRPC
import SwiftProtobuf
import Testing

/// gRPC's interoperability cases, from the client's side ("Interoperability Test Case Descriptions").
enum InteropCase: String, CaseIterable, CustomTestStringConvertible {
    case empty_unary, large_unary, client_streaming, server_streaming, ping_pong, empty_stream, custom_metadata
    case status_code_and_message, special_status_message, unimplemented_method, unimplemented_service
    case cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server
    case client_compressed_unary, server_compressed_unary, client_compressed_streaming, server_compressed_streaming

    var testDescription: String { rawValue }

    private static let requestSizes = [27_182, 8, 1_828, 45_904]
    private static let responseSizes: [Int32] = [31_415, 9, 2_653, 58_979]
    private static let special = "\t\ntest with whitespace\r\nand Unicode BMP \u{263A} and non-BMP \u{1F608}\t\n"

    /// - Parameter looksAtCompression: whether the server refuses what is not compressed though it says so.
    func run(_ client: RPCClient, looksAtCompression: Bool) async throws {
        switch self {
        case .empty_unary:
            let answer = try await client.unary(Interop.emptyCall, Interop.Empty())
            #expect(answer.message == Interop.Empty())
        case .large_unary:
            let answer = try await client.unary(Interop.unaryCall, Self.large())
            #expect(answer.message.payload.body == Data(count: 314_159))
        case .client_streaming:
            let answer = try await client.clientStreaming(Interop.streamingInputCall) { requests in
                for size in Self.requestSizes { try await requests.write(.with { $0.payload = Grpc_Testing_Payload(size: size) }) }
            }
            #expect(answer.message.aggregatedPayloadSize == 74_922)
        case .server_streaming:
            let request = Interop.Output.with { $0.responseParameters = Self.responseSizes.map { size in .with { $0.size = size } } }
            let sizes = try await client.serverStreaming(Interop.streamingOutputCall, request) { responses in
                try await responses.reduce(into: []) { $0.append(Int32($1.payload.body.count)) }
            }
            #expect(sizes == Self.responseSizes)
        case .ping_pong: try await pingPong(client)
        case .empty_stream:
            let count = try await client.bidirectional(Interop.fullDuplexCall) { requests, responses in
                requests.finish()
                return try await responses.reduce(0) { count, _ in count + 1 }
            }
            #expect(count == 0)
        case .custom_metadata: try await customMetadata(client)
        case .status_code_and_message: try await status(client, "test status message")
        case .special_status_message: try await status(client, Self.special)
        case .unimplemented_method:
            let error = await #expect(throws: RPCError.self) { try await client.unary(Interop.unimplementedCall, Interop.Empty()) }
            #expect(error?.code == .unimplemented)
        case .unimplemented_service:
            let error = await #expect(throws: RPCError.self) { try await client.unary(Interop.unimplementedService, Interop.Empty()) }
            #expect(error?.code == .unimplemented)
        case .cancel_after_begin:
            let task = Task {
                try await client.clientStreaming(Interop.streamingInputCall) { _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        case .cancel_after_first_response: try await cancelAfterFirstResponse(client)
        case .timeout_on_sleeping_server:
            let error = await #expect(throws: RPCError.self) {
                let options = CallOptions(timeout: .milliseconds(50))
                try await client.bidirectional(Interop.fullDuplexCall, options: options) { requests, responses in
                    try await requests.write(.with { $0.responseParameters = [.with { ($0.size, $0.intervalUs) = (31_415, 60_000_000) }] })
                    for try await _ in responses {}
                }
            }
            #expect(error?.code == .deadlineExceeded)
        case .client_compressed_unary: try await clientCompressedUnary(client, looksAtCompression)
        case .server_compressed_unary:
            for isCompressed in [true, false] {
                let answer = try await client.unary(Interop.unaryCall, Self.large { $0.responseCompressed.value = isCompressed })
                #expect(answer.message.payload.body == Data(count: 314_159))
            }
        case .client_compressed_streaming: try await clientCompressedStreaming(client, looksAtCompression)
        case .server_compressed_streaming:
            var request = Interop.Output(31_415, 92_653)
            request.responseParameters[0].compressed = true
            request.responseParameters[1].compressed = false
            let sizes = try await client.serverStreaming(Interop.streamingOutputCall, request) { responses in
                try await responses.reduce(into: []) { $0.append($1.payload.body.count) }
            }
            #expect(sizes == [31_415, 92_653])
        }
    }

    private static func large(_ change: (inout Grpc_Testing_SimpleRequest) -> Void = { _ in }) -> Grpc_Testing_SimpleRequest {
        .with { request in
            request.responseSize = 314_159
            request.payload = Grpc_Testing_Payload(size: 271_828)
            change(&request)
        }
    }

    private func pingPong(_ client: RPCClient) async throws {
        try await client.bidirectional(Interop.fullDuplexCall) { requests, responses in
            for (request, response) in zip(Self.requestSizes, Self.responseSizes) {
                try await requests.write(Interop.Output(response, payload: request))
                let answer = try await responses.next()
                #expect(answer?.payload.body.count == Int(response))
            }
            requests.finish()
            let end = try await responses.next()
            #expect(end == nil)
        }
    }

    private func customMetadata(_ client: RPCClient) async throws {
        var options = CallOptions(metadata: [Interop.echoInitial: "test_initial_metadata_value"])
        options.metadata.add([0xAB, 0xAB, 0xAB], for: Interop.echoTrailing)
        let unary = try await client.unary(Interop.unaryCall, Self.large(), options: options)
        #expect(unary.metadata[Interop.echoInitial] == "test_initial_metadata_value")
        #expect(unary.trailers.bytes(for: Interop.echoTrailing) == [0xAB, 0xAB, 0xAB])
        try await client.bidirectional(Interop.fullDuplexCall, options: options) { requests, responses in
            try await requests.write(Interop.Output(314_159, payload: 271_828))
            requests.finish()
            let metadata = try await responses.metadata
            #expect(metadata[Interop.echoInitial] == "test_initial_metadata_value")
            for try await _ in responses {}
            #expect(responses.trailingMetadata.bytes(for: Interop.echoTrailing) == [0xAB, 0xAB, 0xAB])
        }
    }

    private func status(_ client: RPCClient, _ message: String) async throws {
        let status = Grpc_Testing_EchoStatus.with { ($0.code, $0.message) = (2, message) }
        let unary = await #expect(throws: RPCError.self) {
            try await client.unary(Interop.unaryCall, .with { $0.responseStatus = status })
        }
        #expect(unary?.code == .unknown && unary?.message == message)
        let stream = await #expect(throws: RPCError.self) {
            try await client.bidirectional(Interop.fullDuplexCall) { requests, responses in
                try await requests.write(.with { $0.responseStatus = status })
                requests.finish()
                for try await _ in responses {}
            }
        }
        #expect(stream?.code == .unknown && stream?.message == message)
    }

    private func cancelAfterFirstResponse(_ client: RPCClient) async throws {
        let task = Task {
            try await client.bidirectional(Interop.fullDuplexCall) { requests, responses in
                try await requests.write(Interop.Output(31_415, payload: 27_182))
                let answer = try await responses.next()
                #expect(answer?.payload.body.count == 31_415)
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await responses.next()
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private func clientCompressedUnary(_ client: RPCClient, _ looksAtCompression: Bool) async throws {
        let request = Self.large { $0.expectCompressed = true }
        if looksAtCompression {
            let probe = await #expect(throws: RPCError.self) { try await client.unary(Interop.unaryCall, request) }
            #expect(probe?.code == .invalidArgument)
        }
        var options = CallOptions()
        options.compression = .gzip
        let compressed = try await client.unary(Interop.unaryCall, request, options: options)
        #expect(compressed.message.payload.body.count == 314_159)
        let plain = try await client.unary(Interop.unaryCall, Self.large { $0.expectCompressed = false })
        #expect(plain.message.payload.body.count == 314_159)
    }

    private func clientCompressedStreaming(_ client: RPCClient, _ looksAtCompression: Bool) async throws {
        func request(_ size: Int, _ isCompressed: Bool) -> Interop.Input {
            .with { ($0.payload, $0.expectCompressed.value) = (Grpc_Testing_Payload(size: size), isCompressed) }
        }
        if looksAtCompression {
            let probe = await #expect(throws: RPCError.self) {
                try await client.clientStreaming(Interop.streamingInputCall) { try await $0.write(request(27_182, true)) }
            }
            #expect(probe?.code == .invalidArgument)
        }
        var options = CallOptions()
        options.compression = .gzip
        let answer = try await client.clientStreaming(Interop.streamingInputCall, options: options) { requests in
            try await requests.write(request(27_182, true))
            try await requests.write(request(45_904, false), compress: false)
        }
        #expect(answer.message.aggregatedPayloadSize == 73_086)
    }
}
