#if Tracing
import Holdfast
import HoldfastRPC
import Testing
import Tracing

@Suite("Trace context")
struct TraceContextTests {
    private enum TraceParent: ServiceContextKey {
        typealias Value = String
    }

    /// Carries the parent of a trace as the W3C's Trace Context writes it.
    private struct W3C: Instrument {
        func inject<Carrier, Inject: Injector>(_ context: ServiceContext, into carrier: inout Carrier, using injector: Inject)
        where Inject.Carrier == Carrier {
            if let parent = context[TraceParent.self] { injector.inject(parent, forKey: "Traceparent", into: &carrier) }
        }

        func extract<Carrier, Extract: Extractor>(_ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract)
        where Extract.Carrier == Carrier {
            context[TraceParent.self] = extractor.extract(key: "Traceparent", from: carrier)
        }
    }

    @Test("The caller's trace context is the handler's, and none is none")
    func context() async throws {
        InstrumentationSystem.bootstrap(W3C())
        let seen = Locked<[String?]>([])
        let look: ServerInterceptor = { _, next in
            seen.withLock { $0.append(ServiceContext.current?[TraceParent.self]) }
            try await next()
        }
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        try await withServer(interceptors: [TraceContext.serverInterceptor, look]) { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.interceptors = [TraceContext.clientInterceptor]
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            var context = ServiceContext.topLevel
            context[TraceParent.self] = parent
            try await ServiceContext.withValue(context) { _ = try await client.unary(FourKinds.unary, "x") }
            _ = try await client.unary(FourKinds.unary, "x")
            await client.shutdown()
        }
        #expect(seen.withLock { $0 } == [parent, nil])
    }
}
#endif
