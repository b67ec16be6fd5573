import Holdfast
import SwiftProtobuf
import Testing

@testable import HoldfastRPC

@Suite("The health service")
struct HealthServiceTests {
    private typealias Request = Grpc_Health_V1_HealthCheckRequest
    private typealias Response = Grpc_Health_V1_HealthCheckResponse

    private static let check = RPCMethod<Request, Response>(service: "grpc.health.v1.Health", name: "Check", kind: .unary)
    private static let watch = RPCMethod<Request, Response>(service: "grpc.health.v1.Health", name: "Watch", kind: .serverStreaming)
    private static let list = RPCMethod<Grpc_Health_V1_HealthListRequest, Grpc_Health_V1_HealthListResponse>(
        service: "grpc.health.v1.Health", name: "List", kind: .unary)

    private static func request(_ service: String) -> Request {
        .with { $0.service = service }
    }

    private func expect(_ client: RPCClient, _ service: String, _ wanted: Response.ServingStatus) async throws {
        let status = try await client.unary(Self.check, Self.request(service)).message.status
        #expect(status == wanted)
    }

    private func expect(_ responses: ResponseStream<Response>, _ wanted: Response.ServingStatus) async throws {
        let status = try await responses.next()?.status
        #expect(status == wanted)
    }

    @Test("Check tells each service's status, and NOT_FOUND for an unknown one")
    func check() async throws {
        let health = HealthService(["": .serving, "a.B": .notServing])
        try await serving([health]) { server in
            try await calling(server) { client in
                try await expect(client, "", .serving)
                try await expect(client, "a.B", .notServing)
                health.set(.serving, for: "a.B")
                try await expect(client, "a.B", .serving)
                health.remove("a.B")
                let error = await #expect(throws: RPCError.self) { try await client.unary(Self.check, Self.request("a.B")) }
                #expect(error?.code == .notFound)
            }
        }
    }

    @Test("List tells all of them, up to a hundred")
    func list() async throws {
        let health = HealthService(["": .serving, "a.B": .notServing])
        try await serving([health]) { server in
            try await calling(server) { client in
                let all = try await client.unary(Self.list, Grpc_Health_V1_HealthListRequest()).message.statuses
                #expect(all.mapValues(\.status) == ["": .serving, "a.B": .notServing])
                for number in 0..<99 { health.set(.serving, for: "s\(number)") }
                let error = await #expect(throws: RPCError.self) {
                    try await client.unary(Self.list, Grpc_Health_V1_HealthListRequest())
                }
                #expect(error?.code == .resourceExhausted)
            }
        }
    }

    @Test("Watch tells every change, SERVICE_UNKNOWN included, and the end of the server")
    func watch() async throws {
        let health = HealthService()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [health])
        try await calling(server) { client in
            try await client.serverStreaming(Self.watch, Self.request("a.B")) { responses in
                try await expect(responses, .serviceUnknown)
                health.set(.serving, for: "a.B")
                try await expect(responses, .serving)
                health.set(.serving, for: "a.B")
                health.set(.notServing, for: "other")
                health.set(.notServing, for: "a.B")
                try await expect(responses, .notServing)
                health.set(.serving, for: "a.B")
                try await expect(responses, .serving)
                // Would take the hour if the watcher held the server up.
                async let stopped: Void = server.shutdown(grace: .seconds(3_600))
                try await expect(responses, .notServing)
                let error = await #expect(throws: RPCError.self) { try await responses.next() }
                #expect(error?.code == .unavailable)
                await stopped
            }
        }
        health.set(.serving, for: "a.B")
        #expect(health.status(of: "a.B") == .notServing)
    }
}
