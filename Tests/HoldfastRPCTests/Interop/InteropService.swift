import Foundation
import Holdfast
import HoldfastRPC
import SwiftProtobuf

/// `grpc.testing.TestService` as gRPC's documents describe it.
struct InteropService: RPCService {
    func register(on router: inout RPCRouter) {
        router.unary(Interop.emptyCall) { request, call in
            Self.echoMetadata(call)
            return request
        }
        router.unary(Interop.unaryCall) { request, call in
            try Self.check(request.hasExpectCompressed && request.expectCompressed.value, call)
            if request.responseCompressed.value { call.responseCompression = .gzip }
            Self.echoMetadata(call)
            if request.hasResponseStatus { try Self.end(request.responseStatus) }
            return .with { $0.payload = Grpc_Testing_Payload(size: Int(request.responseSize)) }
        }
        router.serverStreaming(Interop.streamingOutputCall) { request, responses, call in
            if request.responseParameters.contains(where: \.compressed.value) { call.responseCompression = .gzip }
            if request.hasResponseStatus { try Self.end(request.responseStatus) }
            try await Self.answer(request, responses)
        }
        router.clientStreaming(Interop.streamingInputCall) { requests, call in
            var size: Int32 = 0
            for try await request in requests {
                try Self.check(request.hasExpectCompressed && request.expectCompressed.value, call)
                size += Int32(request.payload.body.count)
            }
            return .with { [size] in $0.aggregatedPayloadSize = size }
        }
        router.bidirectional(Interop.fullDuplexCall) { requests, responses, call in
            Self.echoMetadata(call)
            for try await request in requests {
                if request.hasResponseStatus { try Self.end(request.responseStatus) }
                try await Self.answer(request, responses)
            }
        }
    }

    private static func answer(_ request: Interop.Output, _ responses: ResponseWriter<Interop.OutputResponse>) async throws {
        for parameters in request.responseParameters {
            if parameters.intervalUs > 0 { try await TimeSource.system.sleep(for: .microseconds(parameters.intervalUs)) }
            let response = Interop.OutputResponse.with { $0.payload = Grpc_Testing_Payload(size: Int(parameters.size)) }
            try await responses.write(response, compress: parameters.compressed.value)
        }
    }

    private static func echoMetadata(_ call: ServerCall) {
        if let value = call.metadata[Interop.echoInitial] { call.responseMetadata[Interop.echoInitial] = value }
        if let value = call.metadata.bytes(for: Interop.echoTrailing) {
            var trailers = Metadata()
            trailers.add(value, for: Interop.echoTrailing)
            call.responseTrailers = trailers
        }
    }

    private static func end(_ status: Grpc_Testing_EchoStatus) throws {
        guard let code = StatusCode(rawValue: Int(status.code)), code != .ok else { return }
        throw RPCError(code, status.message)
    }

    private static func check(_ isExpected: Bool, _ call: ServerCall) throws {
        if isExpected, call.requestCompression != .gzip { throw RPCError(.invalidArgument, "the request is not compressed") }
    }
}
