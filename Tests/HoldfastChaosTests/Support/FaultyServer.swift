import Foundation
import Holdfast
import HoldfastRPC
import SayEcho
import SwiftProtobuf

@testable import HoldfastChaos

/// The demo services on a real socket, with faults of a scenario in force: what a client of a service's process sees.
struct FaultyServer {
    private let server: RPCServer
    let control: ServiceControl
    let client: RPCClient

    var port: Int { server.port }

    /// Runs `body` against the services.
    /// - Parameters:
    ///   - faults: as a scenario has them, in JSON, without what is the same in all of them; in force from now on.
    ///   - model: how the services behave besides.
    static func run(
        _ faults: [String], model: ServiceModel = ServiceModel(), _ body: (FaultyServer) async throws -> Void
    ) async throws {
        let control = ServiceControl(ServiceControl.Setup(model, seed: 7), methods: [say])
        control.install(try plan(faults))
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService(), EchoService()],
            interceptors: control.interceptors)
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        var failure: (any Error)?
        do { try await body(FaultyServer(server: server, control: control, client: client)) } catch { failure = error }
        await client.shutdown()
        await server.shutdown()
        if let failure { throw failure }
    }

    /// What faults amount to that began just now.
    static func plan(_ faults: [String], active: Bool = true) throws -> FaultPlan {
        let list = faults.enumerated().map { index, fault in
            "{ \"id\": \"f\(index)\", \"target\": { \"service\": \"say\" }, \"from\": \"fault\", \"for\": \"4s\", \(fault) }"
        }
        let scenario = try ScenarioText.read(ScenarioText.replacing([ScenarioText.fault: list.joined(separator: ",")]))
        return scenario.faultPlan(service: "say", active: active ? Set(scenario.faults.map(\.id)) : [], at: .seconds(2))
    }

    /// What the runner knows of the method of the Say service.
    static let say = DemoMethod(
        name: "grpconepb.grpconepb/SayHi", exampleRequest: #"{"name":"kitty","msg":"hello"}"#,
        encodeRequest: { try Grpconepb_Say(jsonString: $0).serializedBytes() },
        answerBelongs: { request, response in
            guard let request = try? Grpconepb_Say(serializedBytes: request) else { return false }
            return (try? Grpconepb_Response(serializedBytes: response)) == SayService.answer(to: request)
        },
        answer: { try SayService.answer(to: Grpconepb_Say(serializedBytes: $0)).serializedBytes() },
        otherAnswer: { _ in try Grpconepb_Response.with { $0.body = "of somebody else" }.serializedBytes() },
        checkAnswer: { _ = try Grpconepb_Response(serializedBytes: $0) })

    func sayHi(timeout: Duration = .seconds(20)) async throws -> String {
        try await SayClient(client).sayHi(name: "kitty", msg: "hello", options: CallOptions(timeout: timeout))
    }

    /// Echoes three messages, and tells how far that went.
    func echo(timeout: Duration = .seconds(20)) async -> (sawHeaders: Bool, messages: [String], end: RPCError?) {
        let seen = Locked((sawHeaders: false, messages: [String]()))
        do {
            try await EchoClient(client).echo(options: CallOptions(timeout: timeout)) { requests, responses in
                for word in ["a", "b", "c"] { try await requests.write(.with { $0.message = word }) }
                requests.finish()
                _ = try await responses.metadata
                seen.withLock { $0.sawHeaders = true }
                while let response = try await responses.next() { seen.withLock { $0.messages.append(response.message) } }
            }
            return seen.withLock { ($0.sawHeaders, $0.messages, nil) }
        } catch {
            return seen.withLock { ($0.sawHeaders, $0.messages, error as? RPCError) }
        }
    }
}
