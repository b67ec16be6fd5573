#if ServiceLifecycle
public import ServiceLifecycle

/// The server as a service of swift-service-lifecycle, with the package trait `ServiceLifecycle`.
///
/// ```swift
/// let server = try await RPCServer.start(host: "0.0.0.0", port: 50051, security: .plaintext, services: [SayService(), HealthService()])
/// try await ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
extension RPCServer: Service {
    /// Serves until the group shuts down gracefully, then drains for ``Configuration/shutdownGrace``. Cancelling the task ends the
    /// calls that run at once.
    public func run() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            await shutdown(grace: .zero)
            throw error
        }
        await shutdown()
    }
}
#endif
