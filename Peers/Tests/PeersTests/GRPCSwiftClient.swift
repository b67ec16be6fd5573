import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import HoldfastRPC
import SwiftProtobuf

/// A client of grpc-swift-2 for our methods.
struct GRPCSwiftClient {
    typealias Requests<Message: Sendable> = @Sendable (RPCWriter<Message>) async throws -> Void

    private let client: GRPCClient<HTTP2ClientTransport.Posix>

    /// Calls `body` with a client of the server on that port, which ends when it returns.
    static func run(port: Int, _ body: (GRPCSwiftClient) async throws -> Void) async throws {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext,
            config: .defaults { $0.compression.enabledAlgorithms = .gzip })
        try await withGRPCClient(transport: transport) { client in
            try await body(GRPCSwiftClient(client: client))
        }
    }

    /// One request, one response.
    func unary<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, _ request: Request, metadata: GRPCCore.Metadata = [:],
        options: GRPCCore.CallOptions = .defaults
    ) async throws -> ClientResponse<Response> {
        try await client.unary(
            request: ClientRequest(message: request, metadata: metadata), descriptor: method.descriptor,
            serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(), options: options
        ) { response in
            _ = try response.message
            return response
        }
    }

    /// Several requests, one response.
    func clientStreaming<Request: Message, Response: Message>(
        _ method: RPCMethod<Request, Response>, options: GRPCCore.CallOptions = .defaults, _ requests: @escaping Requests<Request>
    ) async throws -> Response {
        try await client.clientStreaming(
            request: StreamingClientRequest(producer: requests), descriptor: method.descriptor,
            serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(), options: options
        ) { try $0.message }
    }

    /// Several responses to as many requests as `requests` writes while they come.
    func streaming<Request: Message, Response: Message, Result: Sendable>(
        _ method: RPCMethod<Request, Response>, metadata: GRPCCore.Metadata = [:], options: GRPCCore.CallOptions = .defaults,
        _ requests: @escaping Requests<Request>,
        _ responses: @escaping @Sendable (StreamingClientResponse<Response>) async throws -> Result
    ) async throws -> Result {
        try await client.bidirectionalStreaming(
            request: StreamingClientRequest(metadata: metadata, producer: requests), descriptor: method.descriptor,
            serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(), options: options,
            onResponse: responses)
    }

    /// What a call fails with that does not wait for a server.
    func refusal() async -> GRPCCore.RPCError? {
        var options = GRPCCore.CallOptions.defaults
        options.waitForReady = false
        do {
            _ = try await unary(Interop.emptyCall, Interop.Empty(), options: options)
            return nil
        } catch {
            return error as? GRPCCore.RPCError
        }
    }
}
