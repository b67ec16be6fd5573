#if Peers
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import SayEcho
import SwiftProtobuf

/// grpc-swift-2 as a client and as a server of the Say service.
enum GRPCSwift {
    static let isBuilt = true

    private static let method = MethodDescriptor(fullyQualifiedService: "grpconepb.grpconepb", method: "SayHi")

    /// Calls `body` with what makes one call of `message`, over a connection that is closed when `body` returns.
    static func withClient(
        port: Int, _ body: (@escaping @Sendable (SayMessage) async throws -> Void) async throws -> Void
    ) async throws {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
        try await withGRPCClient(transport: transport) { client in
            try await body { message in
                let answer = try await client.unary(
                    request: ClientRequest(message: message.request), descriptor: method,
                    serializer: ProtobufSerializer<Grpconepb_Say>(), deserializer: ProtobufDeserializer<Grpconepb_Response>(),
                    options: .defaults
                ) { try $0.message.body }
                guard answer == message.answer else { throw BenchmarkError("the service answered \(answer)") }
            }
        }
    }

    /// Serves until `end` returns; tells the port when it is ready.
    static func serve(_ ready: @escaping (Int) -> Void, until end: @escaping @Sendable () async -> Void) async throws {
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
            // As many as our server allows; with its own 100, h2load's 512 end the connection.
            config: .defaults { $0.http2.maxConcurrentStreams = 1_000 })
        let server = GRPCServer(transport: transport, services: [Say()])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            if let port = try await transport.listeningAddress.ipv4?.port { ready(port) }
            await end()
            server.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private struct Say: RegistrableRPCService {
        func registerMethods<Transport: ServerTransport>(with router: inout GRPCCore.RPCRouter<Transport>) {
            router.registerHandler(
                forMethod: method, deserializer: ProtobufDeserializer<Grpconepb_Say>(),
                serializer: ProtobufSerializer<Grpconepb_Response>()
            ) { request, _ in
                let message = try await ServerRequest(stream: request).message
                let response = Grpconepb_Response.with { $0.body = "[{\"\(message.name)\":\"\(message.msg)\"}]" }
                return StreamingServerResponse(single: ServerResponse(message: response))
            }
        }
    }
}
#else
/// Built without grpc-swift-2: it takes minutes to build. `--traits Peers` adds it.
enum GRPCSwift {
    static let isBuilt = false
    private static let notBuilt = BenchmarkError("built without grpc-swift-2; build with --traits Peers")

    static func withClient(
        port: Int, _ body: (@escaping @Sendable (SayMessage) async throws -> Void) async throws -> Void
    ) async throws {
        try await body { _ in throw notBuilt }
    }

    static func serve(_ ready: (Int) -> Void, until end: @escaping @Sendable () async -> Void) async throws {
        throw notBuilt
    }
}
#endif
