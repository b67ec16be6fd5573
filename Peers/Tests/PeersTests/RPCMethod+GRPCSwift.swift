import GRPCCore
import GRPCProtobuf
import HoldfastRPC
import SwiftProtobuf

extension RPCMethod {
    /// The method as grpc-swift-2 names it.
    var descriptor: MethodDescriptor { MethodDescriptor(fullyQualifiedService: service, method: name) }
}

extension GRPCCore.RPCRouter {
    /// Serves one of our methods with grpc-swift-2.
    mutating func serve<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>,
        _ handler: @escaping @Sendable (StreamingServerRequest<Request>) async throws -> StreamingServerResponse<Response>
    ) {
        registerHandler(
            forMethod: method.descriptor, deserializer: ProtobufDeserializer<Request>(), serializer: ProtobufSerializer<Response>()
        ) { request, _ in try await handler(request) }
    }
}
