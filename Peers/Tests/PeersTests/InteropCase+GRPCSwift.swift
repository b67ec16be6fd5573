import Foundation
import GRPCCore
import SwiftProtobuf
import Testing

extension InteropCase {
    private static let requestSizes = [27_182, 8, 1_828, 45_904]
    private static let responseSizes: [Int32] = [31_415, 9, 2_653, 58_979]
    private static let special = "\t\ntest with whitespace\r\nand Unicode BMP \u{263A} and non-BMP \u{1F608}\t\n"

    /// Runs the case with grpc-swift-2's client.
    func run(_ client: GRPCSwiftClient) async throws {
        switch self {
        case .empty_unary:
            let answer = try await client.unary(Interop.emptyCall, Interop.Empty())
            #expect(try answer.message == Interop.Empty())
        case .large_unary:
            let answer = try await client.unary(Interop.unaryCall, Self.large())
            #expect(try answer.message.payload.body == Data(count: 314_159))
        case .client_streaming:
            let answer = try await client.clientStreaming(Interop.streamingInputCall) { requests in
                for size in Self.requestSizes { try await requests.write(.with { $0.payload = Grpc_Testing_Payload(size: size) }) }
            }
            #expect(answer.aggregatedPayloadSize == 74_922)
        case .server_streaming:
            let request = Interop.Output.with { $0.responseParameters = Self.responseSizes.map { size in .with { $0.size = size } } }
            let sizes = try await client.streaming(Interop.streamingOutputCall) {
                try await $0.write(request)
            } _: { response in
                try await response.messages.reduce(into: []) { $0.append(Int32($1.payload.body.count)) }
            }
            #expect(sizes == Self.responseSizes)
        case .ping_pong: try await pingPong(client)
        case .empty_stream:
            let count = try await client.streaming(Interop.fullDuplexCall) { _ in
            } _: { response in
                try await response.messages.reduce(0) { count, _ in count + 1 }
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
        case .cancel_after_begin: try await cancelAfterBegin(client)
        case .cancel_after_first_response: try await cancelAfterFirstResponse(client)
        case .timeout_on_sleeping_server:
            let error = await #expect(throws: RPCError.self) { try await sleepingServer(client) }
            #expect(error?.code == .deadlineExceeded)
        case .client_compressed_unary: try await clientCompressedUnary(client)
        case .server_compressed_unary:
            for isCompressed in [true, false] {
                let answer = try await client.unary(Interop.unaryCall, Self.large { $0.responseCompressed.value = isCompressed })
                #expect(try answer.message.payload.body == Data(count: 314_159))
                #expect(Array(answer.metadata[stringValues: "grpc-encoding"]) == (isCompressed ? ["gzip"] : []))
            }
        case .client_compressed_streaming: try await clientCompressedStreaming(client)
        case .server_compressed_streaming:
            var request = Interop.Output(31_415, 92_653)
            request.responseParameters[0].compressed = true
            request.responseParameters[1].compressed = false
            let (encodings, sizes) = try await client.streaming(Interop.streamingOutputCall) { [request] in
                try await $0.write(request)
            } _: { response in
                let sizes = try await response.messages.reduce(into: []) { $0.append($1.payload.body.count) }
                return (Array(response.metadata[stringValues: "grpc-encoding"]), sizes)
            }
            #expect(encodings == ["gzip"])
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

    private func pingPong(_ client: GRPCSwiftClient) async throws {
        let (turns, turn) = AsyncStream.makeStream(of: Int.self)
        turn.yield(0)
        let sizes = try await client.streaming(Interop.fullDuplexCall) { requests in
            for await index in turns {
                try await requests.write(Interop.Output(Self.responseSizes[index], payload: Self.requestSizes[index]))
            }
        } _: { response in
            var sizes: [Int32] = []
            for try await message in response.messages {
                sizes.append(Int32(message.payload.body.count))
                if sizes.count < Self.requestSizes.count { turn.yield(sizes.count) } else { turn.finish() }
            }
            return sizes
        }
        #expect(sizes == Self.responseSizes)
    }

    private func customMetadata(_ client: GRPCSwiftClient) async throws {
        var metadata: Metadata = [Interop.echoInitial: "test_initial_metadata_value"]
        metadata.addBinary([0xAB, 0xAB, 0xAB], forKey: Interop.echoTrailing)
        let unary = try await client.unary(Interop.unaryCall, Self.large(), metadata: metadata)
        #expect(Array(unary.metadata[stringValues: Interop.echoInitial]) == ["test_initial_metadata_value"])
        #expect(Array(unary.trailingMetadata[binaryValues: Interop.echoTrailing]) == [[0xAB, 0xAB, 0xAB]])
        let (initial, trailing) = try await client.streaming(Interop.fullDuplexCall, metadata: metadata) {
            try await $0.write(Interop.Output(314_159, payload: 271_828))
        } _: { response in
            var trailing: Metadata = [:]
            for try await part in response.bodyParts {
                if case .trailingMetadata(let metadata) = part { trailing = metadata }
            }
            return (response.metadata, trailing)
        }
        #expect(Array(initial[stringValues: Interop.echoInitial]) == ["test_initial_metadata_value"])
        #expect(Array(trailing[binaryValues: Interop.echoTrailing]) == [[0xAB, 0xAB, 0xAB]])
    }

    private func status(_ client: GRPCSwiftClient, _ message: String) async throws {
        let status = Grpc_Testing_EchoStatus.with { ($0.code, $0.message) = (2, message) }
        let unary = await #expect(throws: RPCError.self) {
            try await client.unary(Interop.unaryCall, .with { $0.responseStatus = status })
        }
        #expect(unary?.code == .unknown && unary?.message == message)
        let stream = await #expect(throws: RPCError.self) {
            try await client.streaming(Interop.fullDuplexCall) {
                try await $0.write(.with { $0.responseStatus = status })
            } _: { response in
                for try await _ in response.messages {}
            }
        }
        #expect(stream?.code == .unknown && stream?.message == message)
    }

    private func cancelAfterBegin(_ client: GRPCSwiftClient) async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (never, keep) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await client.clientStreaming(Interop.streamingInputCall) { _ in
                begin.finish()
                for await _ in never {}
            }
        }
        for await _ in begun {}
        task.cancel()
        await expectCancelled(task)
        keep.finish()
    }

    private func cancelAfterFirstResponse(_ client: GRPCSwiftClient) async throws {
        let (never, keep) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await client.streaming(Interop.fullDuplexCall) { requests in
                try await requests.write(Interop.Output(31_415, payload: 27_182))
                for await _ in never {}
            } _: { response in
                for try await message in response.messages {
                    #expect(message.payload.body.count == 31_415)
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
        }
        await expectCancelled(task)
        keep.finish()
    }

    /// grpc-swift-2 tells of a cancellation in one way or the other, depending on where it meets the call.
    private func expectCancelled(_ task: Task<some Sendable, any Error>) async {
        let error = await #expect(throws: (any Error).self) { try await task.value }
        let failure = error as? RPCError
        #expect(
            error is CancellationError || failure?.code == .cancelled || failure?.cause is CancellationError,
            "\(String(describing: error))")
    }

    private func sleepingServer(_ client: GRPCSwiftClient) async throws {
        var options = CallOptions.defaults
        options.timeout = .milliseconds(50)
        try await client.streaming(Interop.fullDuplexCall, options: options) {
            try await $0.write(.with { $0.responseParameters = [.with { ($0.size, $0.intervalUs) = (31_415, 60_000_000) }] })
        } _: { response in
            for try await _ in response.messages {}
        }
    }

    private func clientCompressedUnary(_ client: GRPCSwiftClient) async throws {
        let request = Self.large { $0.expectCompressed = true }
        let probe = await #expect(throws: RPCError.self) { try await client.unary(Interop.unaryCall, request) }
        #expect(probe?.code == .invalidArgument)
        let compressed = try await client.unary(Interop.unaryCall, request, options: Self.gzip)
        #expect(try compressed.message.payload.body.count == 314_159)
        let plain = try await client.unary(Interop.unaryCall, Self.large { $0.expectCompressed = false })
        #expect(try plain.message.payload.body.count == 314_159)
    }

    /// Without the choice that one message of a compressed call goes as it is: grpc-swift-2 does not have it.
    private func clientCompressedStreaming(_ client: GRPCSwiftClient) async throws {
        @Sendable func request(_ size: Int) -> Interop.Input {
            .with { ($0.payload, $0.expectCompressed) = (Grpc_Testing_Payload(size: size), true) }
        }
        let probe = await #expect(throws: RPCError.self) {
            try await client.clientStreaming(Interop.streamingInputCall) { try await $0.write(request(27_182)) }
        }
        #expect(probe?.code == .invalidArgument)
        let answer = try await client.clientStreaming(Interop.streamingInputCall, options: Self.gzip) { requests in
            for size in [27_182, 45_904] { try await requests.write(request(size)) }
        }
        #expect(answer.aggregatedPayloadSize == 73_086)
    }

    private static var gzip: CallOptions {
        var options = CallOptions.defaults
        options.compression = .gzip
        return options
    }
}
