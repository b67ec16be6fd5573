#if ServiceLifecycle
import Glibc
import Holdfast
import Logging
import ServiceLifecycle
import Testing
import UnixSignals

@testable import HoldfastRPC

@Suite("The server as a service of swift-service-lifecycle")
struct ServiceLifecycleTests {
    /// Says when the group runs its services: from then on it listens for signals.
    private struct Marker: Service {
        let isRunning = Shared()

        final class Shared: Sendable {
            let value = AsyncValue<Void>()
        }

        func run() async throws {
            isRunning.value.finish(.success(()))
            try await gracefulShutdown()
        }
    }

    @Test("SIGTERM drains: the call under way is answered, and the group ends")
    func terminate() async throws {
        let held = HeldService()
        let health = HealthService()
        let marker = Marker()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held, health])
        let group = ServiceGroup(
            services: [server, marker], gracefulShutdownSignals: [.sigterm], logger: Logger(label: "test"))
        async let running: Void = group.run()
        try await calling(server) { client in
            async let call = client.unary(HeldService.unary, "x")
            try await held.arrived(1)
            try await marker.isRunning.value.value()
            kill(getpid(), SIGTERM)
            // Services are shut down one by one, the last first.
            while health.status() == .serving { await Task.yield() }
            held.release()
            let answer = try await call.message
            #expect(answer == "x")
        }
        try await running
    }
}
#endif
