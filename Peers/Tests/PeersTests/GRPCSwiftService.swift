import GRPCCore
import SwiftProtobuf

/// `grpc.testing.TestService`, served by grpc-swift-2.
struct GRPCSwiftService: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.serve(Interop.emptyCall) { stream in
            let request = try await ServerRequest(stream: stream)
            return StreamingServerResponse(single: ServerResponse(message: request.message))
        }
        router.serve(Interop.unaryCall) { stream in
            let request = try await ServerRequest(stream: stream)
            if request.message.expectCompressed.value { try Self.checkCompression(request.metadata) }
            if request.message.hasResponseStatus { try Self.end(request.message.responseStatus) }
            let response = Grpc_Testing_SimpleResponse.with {
                $0.payload = Grpc_Testing_Payload(size: Int(request.message.responseSize))
            }
            return StreamingServerResponse(
                single: ServerResponse(
                    message: response, metadata: Self.initialMetadata(request.metadata),
                    trailingMetadata: Self.trailingMetadata(request.metadata)))
        }
        router.serve(Interop.streamingOutputCall) { stream in
            let request = try await ServerRequest(stream: stream).message
            return StreamingServerResponse { responses in
                try await Self.answer(request, responses)
                return [:]
            }
        }
        router.serve(Interop.streamingInputCall) { stream in
            var size: Int32 = 0
            for try await request in stream.messages {
                if request.expectCompressed.value { try Self.checkCompression(stream.metadata) }
                size += Int32(request.payload.body.count)
            }
            return StreamingServerResponse(single: ServerResponse(message: .with { [size] in $0.aggregatedPayloadSize = size }))
        }
        router.serve(Interop.fullDuplexCall) { stream in
            StreamingServerResponse(metadata: Self.initialMetadata(stream.metadata)) { responses in
                for try await request in stream.messages {
                    if request.hasResponseStatus { try Self.end(request.responseStatus) }
                    try await Self.answer(request, responses)
                }
                return Self.trailingMetadata(stream.metadata)
            }
        }
    }

    private static func answer(_ request: Interop.Output, _ responses: RPCWriter<Interop.OutputResponse>) async throws {
        for parameters in request.responseParameters {
            if parameters.intervalUs > 0 { try await Task.sleep(for: .microseconds(parameters.intervalUs)) }
            try await responses.write(.with { $0.payload = Grpc_Testing_Payload(size: Int(parameters.size)) })
        }
    }

    private static func end(_ status: Grpc_Testing_EchoStatus) throws {
        guard let code = Status.Code(rawValue: Int(status.code)).flatMap(RPCError.Code.init) else { return }
        throw RPCError(code: code, message: status.message)
    }

    private static func initialMetadata(_ request: Metadata) -> Metadata {
        Metadata(request[stringValues: Interop.echoInitial].map { (Interop.echoInitial, .string($0)) })
    }

    private static func trailingMetadata(_ request: Metadata) -> Metadata {
        Metadata(request[binaryValues: Interop.echoTrailing].map { (Interop.echoTrailing, .binary($0)) })
    }

    private static func checkCompression(_ request: Metadata) throws {
        guard request[stringValues: "grpc-encoding"].contains("gzip") else {
            throw RPCError(code: .invalidArgument, message: "the request is not compressed")
        }
    }
}
