import Holdfast
import HoldfastChaos
import HoldfastRPC
import SayEcho
import SwiftProtobuf
import Testing

@Suite("A service that is broken and mended at the turn of a switch", .timeLimit(.minutes(5)))
struct BackendSwitchTests {
    @Test("Broken it answers UNAVAILABLE, and a stream under way ends so at its next message; mended it answers again")
    func turn() async throws {
        let backend = BackendSwitch()
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService(), EchoService()], interceptors: backend.interceptors)
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        let say = SayClient(client)
        #expect(try await say.sayHi(name: "a", msg: "b").contains("b"))
        let streamEnd = await #expect(throws: RPCError.self) {
            try await EchoClient(client).echo { requests, responses in
                try await requests.write(.with { $0.message = "before" })
                #expect(try await responses.next()?.message == "before!")
                backend.turn(isBroken: true)
                try await requests.write(.with { $0.message = "after" })
                _ = try await responses.next()
            }
        }
        #expect(streamEnd?.code == .unavailable && streamEnd?.message == "the backend is broken")
        let refused = await #expect(throws: RPCError.self) { try await say.sayHi(name: "a", msg: "b") }
        #expect(refused?.code == .unavailable && backend.isBroken)
        backend.turn(isBroken: false)
        #expect(try await say.sayHi(name: "a", msg: "b").contains("b"))
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }
}
