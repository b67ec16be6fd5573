#if ServiceLifecycle
import Glibc
import Holdfast
import HoldfastRPC
import Logging
import ServiceLifecycle
import Testing
import UnixSignals

@Suite("The server as a service of swift-service-lifecycle")
struct ServiceLifecycleTests {
    @Test("SIGTERM drains: the call under way is answered, and the group ends")
    func terminate() async throws {
        let held = HeldService()
        let health = HealthService()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held, health])
        let group = ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm], logger: Logger(label: "test"))
        async let running: Void = group.run()
        try await calling(server) { client in
            async let call = client.unary(HeldService.unary, "x")
            try await held.arrived(1)
            // A signal that comes before the group listens would end the tests: until then it is harmless.
            signal(SIGTERM, SIG_IGN)
            while health.status() == .serving {
                kill(getpid(), SIGTERM)
                await Task.yield()
            }
            held.release()
            #expect(try await call.message == "x")
        }
        try await running
    }
}
#endif
