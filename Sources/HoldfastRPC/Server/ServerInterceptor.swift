/// Runs around every handler of a server: it may look at the call, refuse it by throwing ``RPCError``, delay it, or go on
/// with `next`. The first interceptor is the outermost.
///
/// ```swift
/// let maintenance: ServerInterceptor = { call, next in
///     guard !isDown else { throw RPCError(.unavailable, "back in a minute", retryAfter: .seconds(60)) }
///     try await next()
/// }
/// ```
public typealias ServerInterceptor =
    @Sendable (_ call: ServerCall, _ next: @Sendable () async throws -> Void) async throws -> Void
