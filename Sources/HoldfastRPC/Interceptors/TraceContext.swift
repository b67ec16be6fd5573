#if Tracing
import Tracing

/// Carries the trace context of swift-distributed-tracing through a call's metadata, in the form that the program's instrument
/// writes: `traceparent` and `tracestate` where it follows the W3C's Trace Context.
///
/// With the package trait `Tracing` only.
public enum TraceContext {
    /// Puts the current task's context into the metadata of calls.
    public static let clientInterceptor: ClientInterceptor = { call, next in
        guard let context = ServiceContext.current else { return try await next(call) }
        var call = call
        InstrumentationSystem.instrument.inject(context, into: &call.options.metadata, using: MetadataInjector())
        try await next(call)
    }

    /// Makes the context that came with a call the current one of its handler.
    public static let serverInterceptor: ServerInterceptor = { call, next in
        var context = ServiceContext.current ?? .topLevel
        InstrumentationSystem.instrument.extract(call.metadata, into: &context, using: MetadataExtractor())
        try await ServiceContext.withValue(context) { try await next() }
    }
}

private struct MetadataInjector: Injector {
    func inject(_ value: String, forKey key: String, into metadata: inout Metadata) {
        metadata[key] = value
    }
}

private struct MetadataExtractor: Extractor {
    func extract(key: String, from metadata: Metadata) -> String? {
        metadata[key]
    }
}
#endif
