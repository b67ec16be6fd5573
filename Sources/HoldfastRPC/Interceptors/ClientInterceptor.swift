import Holdfast

/// Runs around every call of a client, outside of all policies and thus once, however many attempts the policies make. It may look
/// at the call, change its metadata and options, time it, refuse it by throwing ``RPCError``, or go on with `next`.
///
/// The first interceptor is the outermost. One that returns must have called `next`; calling it again makes the call again.
///
/// ```swift
/// let tenant: ClientInterceptor = { call, next in
///     var call = call
///     call.options.metadata["tenant"] = "acme"
///     try await next(call)
/// }
/// ```
public typealias ClientInterceptor =
    nonisolated(nonsending) @Sendable (
        _ call: OutgoingCall, _ next: nonisolated(nonsending) (OutgoingCall) async throws -> Void
    ) async throws -> Void

/// A call as a client's interceptors see it.
public struct OutgoingCall: Sendable {
    /// The method: `/package.Service/Method`.
    public let path: String
    /// What the call asks for besides its messages.
    public var options: CallOptions
}

extension RPCClient {
    /// Makes a call inside the client's interceptors.
    nonisolated(nonsending) func intercepting<Result>(
        _ path: String, _ options: CallOptions, _ operation: nonisolated(nonsending) (CallOptions) async throws -> Result
    ) async throws -> Result {
        if interceptors.isEmpty { return try await operation(options) }
        var result: Result?
        try await Self.proceed(OutgoingCall(path: path, options: options), interceptors) { call in
            result = try await operation(call.options)
        }
        guard let result else {
            throw RPCError.local(.internalError, "an interceptor returned without making the call, and without an error")
        }
        return result
    }

    private static nonisolated(nonsending) func proceed(
        _ call: OutgoingCall, _ interceptors: ArraySlice<ClientInterceptor>,
        _ operation: nonisolated(nonsending) (OutgoingCall) async throws -> Void
    ) async throws {
        guard let first = interceptors.first else { return try await operation(call) }
        let rest = interceptors.dropFirst()
        try await first(call) { call in try await proceed(call, rest, operation) }
    }
}
