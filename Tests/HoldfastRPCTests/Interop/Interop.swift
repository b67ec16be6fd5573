import Foundation
import HoldfastRPC
import SwiftProtobuf

/// The methods of gRPC's interoperability tests, and what they say.
enum Interop {
    typealias Empty = Grpc_Testing_Empty
    typealias Input = Grpc_Testing_StreamingInputCallRequest
    typealias Output = Grpc_Testing_StreamingOutputCallRequest
    typealias OutputResponse = Grpc_Testing_StreamingOutputCallResponse

    private static let service = "grpc.testing.TestService"

    static let emptyCall = RPCMethod<Empty, Empty>(service: service, name: "EmptyCall", kind: .unary)
    static let unaryCall = RPCMethod<Grpc_Testing_SimpleRequest, Grpc_Testing_SimpleResponse>(
        service: service, name: "UnaryCall", kind: .unary)
    static let streamingOutputCall = RPCMethod<Output, OutputResponse>(
        service: service, name: "StreamingOutputCall", kind: .serverStreaming)
    static let streamingInputCall = RPCMethod<Input, Grpc_Testing_StreamingInputCallResponse>(
        service: service, name: "StreamingInputCall", kind: .clientStreaming)
    static let fullDuplexCall = RPCMethod<Output, OutputResponse>(service: service, name: "FullDuplexCall", kind: .bidirectional)
    static let unimplementedCall = RPCMethod<Empty, Empty>(service: service, name: "UnimplementedCall", kind: .unary)
    static let unimplementedService = RPCMethod<Empty, Empty>(
        service: "grpc.testing.UnimplementedService", name: "UnimplementedCall", kind: .unary)

    static let echoInitial = "x-grpc-test-echo-initial"
    static let echoTrailing = "x-grpc-test-echo-trailing-bin"
}

extension Grpc_Testing_Payload {
    init(size: Int) {
        self.init()
        body = .init(count: size)
    }
}

extension Grpc_Testing_BoolValue: ExpressibleByBooleanLiteral {
    init(booleanLiteral value: Bool) {
        self.init()
        self.value = value
    }
}

extension Grpc_Testing_StreamingOutputCallRequest {
    /// Asks for responses of those sizes.
    init(_ sizes: Int32..., payload: Int? = nil) {
        self.init()
        responseParameters = sizes.map { size in .with { $0.size = size } }
        if let payload { self.payload = Grpc_Testing_Payload(size: payload) }
    }
}
