public import Holdfast

/// Policies around the handlers of a server: quotas, bulkheads, adaptive limits, load shedding, timeouts, by route as on a client.
///
/// ```swift
/// let quota = RateLimiter("per client", try .init(.tokenBucket(permits: 100, per: .seconds(1), burst: 20), key: .peer))
/// let policies = try ServerPolicies(RouteTable(rest: RoutePolicy(name: "all", pipeline: Pipeline("all", [.gate(quota)]))))
/// let server = try await RPCServer.start(..., interceptors: [policies.interceptor])
/// ```
///
/// A refused call never reaches its handler. It ends with the code of the rejection, RESOURCE_EXHAUSTED for everything that is
/// used up, full or shed, and with `grpc-retry-pushback-ms` when the policy knows when to try again. The nearest of the client's
/// deadline and the route's timeouts ends the call on the event loop with DEADLINE_EXCEEDED, and cancels the handler; so does a
/// stream's idle timeout (S43), when no message has gone either way for that long.
///
/// Limits may be keyed by the method, by metadata, and by the client: its address without the port, or what the program makes of the
/// call, such as the name in the client's certificate. A call is as critical as its
/// route says; clients may be allowed to say that one is less so, never more: every one of them would.
public struct ServerPolicies: Sendable {
    private let routes: RouteTable
    private let criticalityKey: String?
    private let peer: @Sendable (ServerCall) -> String

    /// Makes policies of a route table.
    /// - Parameters:
    ///   - routes: which pipeline stands around which method.
    ///   - criticalityKey: the metadata that says how critical a call is, in the words of policy files (`sheddable`); only what is
    ///     below the route's own counts. Nil, the default, for none.
    ///   - peer: which client a call comes from, for limits that are keyed by it; ``ServerCall/peerHost`` by default. With the trait `TLS`,
    ///     `{ $0.clientCertificate?.commonName ?? $0.peerHost }` for instance.
    /// - Throws: `ConfigurationError` for a route with a retry, a hedge or a fallback: a handler runs once, since it may have
    ///   read and written a part of its messages, and only it can answer.
    public init(
        _ routes: RouteTable, criticalityKey: String? = nil, peer: @escaping @Sendable (ServerCall) -> String = { $0.peerHost }
    ) throws(ConfigurationError) {
        for route in routes.all {
            if route.fallback != nil {
                throw ConfigurationError("fallback", route.name, "cannot stand around a handler; put it around the client's call")
            }
            for stage in route.pipeline.stages {
                switch stage {
                case .retry, .hedge:
                    throw ConfigurationError(
                        route.name, stage.policy.name, "cannot stand around a handler, which runs once; put it around the client's call")
                case .gate, .timeout, .chaos: break
                }
            }
        }
        self.routes = routes
        self.criticalityKey = criticalityKey?.lowercased()
        self.peer = peer
    }

    /// Runs handlers under the policies.
    public var interceptor: ServerInterceptor {
        { [self] call, next in
            guard let route = routes.policy(for: call.method.path) else { return try await next() }
            try await run(route, call, next)
        }
    }

    private func run(_ route: RoutePolicy, _ call: ServerCall, _ next: @Sendable () async throws -> Void) async throws {
        let pipeline = route.pipeline
        var frame = PipelineFrame(
            pipeline, deadline: call.deadline, attributes: attributes(route, call), isRepeatable: false)
        try await frame.passAll(pipeline)
        let deadline = frame.call(pipeline).deadline
        if let deadline, deadline != call.deadline { call.limit(deadline) }
        let scope = frame.scope(pipeline)
        let observer = StreamObserver(frame, pipeline)
        if call.method.kind != .unary {
            // The timer may fire when the handler has just ended.
            let limit = call.limit
            observer.watchIdle { limit(TimeSource.system.now()) }
            // A stream's gates hear of its first answer, not only of its end (S8).
            call.onMessage { $0 == .toClient ? observer.answered() : observer.noteActivity() }
        }
        defer { observer.stopWatching() }
        do {
            try await Call.$enclosing.withValue(scope) { try await next() }
            // The client has been told so, or will be: an answer that comes with the expiry is never both (S42).
            if Self.isPast(deadline) { throw Self.late }
            observer.succeeded()
        } catch {
            // At the deadline the connection cancels the handler: a timeout for the gates, no caller that went away (S1).
            let end: any Error = error is CancellationError && Self.isPast(deadline) ? Self.late : error
            observer.failed(end)
            throw observer.ended(with: end)
        }
    }

    private static let late = RPCError(.deadlineExceeded, "the deadline passed before the handler was done")

    private static func isPast(_ deadline: Instant?) -> Bool {
        deadline.map { $0 <= TimeSource.system.now() } == true
    }

    private func attributes(_ route: RoutePolicy, _ call: ServerCall) -> CallAttributes {
        var criticality = route.criticality
        if let criticalityKey, let said = call.metadata[criticalityKey].flatMap(Criticality.init(rawValue:)) {
            criticality = min(criticality, said)
        }
        guard !route.keys.isEmpty else { return CallAttributes(criticality: criticality) }
        var metadata: [String: String] = [:]
        for case .metadata(let name) in route.keys { metadata[name] = call.metadata[name] }
        return CallAttributes(criticality: criticality, method: call.method.path, peer: peer(call), metadata: metadata)
    }
}
