#if ServiceLifecycle
public import ServiceLifecycle

/// The watcher as a service of swift-service-lifecycle, with the package trait `ServiceLifecycle`.
///
/// ```swift
/// try await ServiceGroup(services: [server, PolicyFileWatcher(registry)], gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
///
/// It goes on while other services shut down after it, and ends at once when it is told to.
extension PolicyFileWatcher: Service {}
#endif
