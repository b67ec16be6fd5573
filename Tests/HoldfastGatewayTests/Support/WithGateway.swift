import Holdfast
import HoldfastGateway
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho
import SwiftProtobuf

/// Say and Echo, and a gateway in front of them.
struct Stage: Sendable {
    let server: RPCServer
    let gateway: Gateway
    /// What the gateway logs.
    let records: AsyncStream<AccessRecord>
    /// What the services were told of each call.
    let metadata: AsyncStream<Metadata>

    var port: Int { gateway.port }

    /// Ends the services, as if they had died.
    func endServices() async { await server.shutdown(grace: .zero) }

    /// What the gateway logs next.
    func nextRecord() async -> AccessRecord? {
        for await record in records { return record }
        return nil
    }
}

/// Runs `body` with Say, Echo and a gateway on free ports.
/// - Parameters:
///   - policies: a document for the gateway's calls.
///   - limits: the policies in front of it.
///   - echo: takes Echo's place.
func withGateway(
    policies: String? = nil, limits: PolicyRegistry? = nil, configuration: Gateway.Configuration = Gateway.Configuration(),
    echo: any RPCService = EchoService(), _ body: (Stage) async throws -> Void
) async throws {
    let (metadata, told) = AsyncStream<Metadata>.makeStream()
    let (records, logged) = AsyncStream<AccessRecord>.makeStream()
    let server = try await RPCServer.start(
        host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService(), echo],
        interceptors: [
            { call, next in
                told.yield(call.metadata)
                try await next()
            }
        ])
    let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
    if let policies { try await registry(policies, methods: SayEchoMethods.all).attach(client) }
    let routes = [
        GatewayRoute("Say", .post, "/v1/say", SayEchoMethods.sayHi, client),
        GatewayRoute("Say", .get, "/v1/say", SayEchoMethods.sayHi, client),
        GatewayRoute("Echo", .post, "/v1/echo", SayEchoMethods.echo, client),
        GatewayRoute("Stream", .get, "/v1/echo", SayEchoMethods.stream, client),
        GatewayRoute("Heartbeats", .post, "/v1/heartbeats", SayEchoMethods.heartbeats, client),
        GatewayRoute(
            "Hello", "/v1/hello",
            parts: [
                GatewayPart("say", SayEchoMethods.sayHi, client) { fields in .with { $0.name = fields["name"] ?? "" } },
                GatewayPart("echo", SayEchoMethods.echo, client) { fields in .with { $0.message = fields["name"] ?? "" } },
            ]),
    ]
    let gateway = try await Gateway.start(
        host: "127.0.0.1", port: 0, routes: routes, limits: limits, configuration: configuration, onRequest: { logged.yield($0) })
    func end() async {
        await gateway.shutdown(grace: .zero)
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }
    do {
        try await body(Stage(server: server, gateway: gateway, records: records, metadata: metadata))
    } catch {
        await end()
        throw error
    }
    await end()
}

/// A registry of a document that a test writes.
func registry(_ document: String, methods: [AnyRPCMethod] = []) throws -> PolicyRegistry {
    try PolicyRegistry(parsed(document, methods: methods), options: PolicyOptions(methods: methods))
}

func parsed(_ document: String, methods: [AnyRPCMethod] = []) throws -> PolicyDocument {
    try PolicyDocument(file: "gateway.json", bytes: Array(document.utf8), environment: [:], methods: methods)
}
