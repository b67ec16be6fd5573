import Holdfast
import SwiftProtobuf

/// The health service of gRPC, `grpc.health.v1.Health`: tells whoever asks which services serve.
///
/// ```swift
/// let health = HealthService(["": .serving, "echoserver.EchoService": .notServing])
/// let server = try await RPCServer.start(host: "0.0.0.0", port: 50051, security: .plaintext, services: [EchoService(), health])
/// health.set(.serving, for: "echoserver.EchoService")
/// ```
///
/// When the server shuts down everything turns to NOT_SERVING before the first call is refused, and those who watch are told so
/// before their streams end with UNAVAILABLE.
public final class HealthService: RPCService {
    /// Whether a service serves.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// It does.
        case serving
        /// It does not, for the time being.
        case notServing
    }

    /// As many as `List` tells, which its definition bounds.
    private static let listLimit = 100

    private struct State {
        var statuses: [String: Status]
        var isShutDown = false
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
    }

    private let state: Locked<State>

    /// Makes the service.
    /// - Parameter statuses: by the full name of the service, the empty name being the server as a whole.
    public init(_ statuses: [String: Status] = ["": .serving]) {
        state = Locked(State(statuses: statuses))
    }

    /// Sets whether a service serves; all who watch it are told. Changes nothing once the server has begun to shut down.
    /// - Parameter service: the full name; empty for the server as a whole.
    public func set(_ status: Status, for service: String = "") {
        change { $0[service] = status }
    }

    /// Forgets a service: it is unknown from now on.
    public func remove(_ service: String) {
        change { $0[service] = nil }
    }

    /// Whether a service serves; nil for one that is not known.
    public func status(of service: String = "") -> Status? {
        state.withLock { $0.statuses[service] }
    }

    /// Turns everything to NOT_SERVING, for good.
    public func serverWillShutDown() {
        change {
            $0 = $0.mapValues { _ in .notServing }
        } andThen: {
            $0.isShutDown = true
        }
    }

    private func change(_ body: (inout [String: Status]) -> Void, andThen: (inout State) -> Void = { _ in }) {
        let watchers = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            guard !state.isShutDown else { return [] }
            body(&state.statuses)
            andThen(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Adds `Check`, `List` and `Watch` to `router`.
    public func register(on router: inout RPCRouter) {
        router.unary(Self.check) { [self] request, _ in
            guard let status = status(of: request.service) else {
                throw RPCError(.notFound, "the service \"\(request.service.printable)\" is not known")
            }
            return .with { $0.status = status.message }
        }
        router.unary(Self.list) { [self] _, _ in
            let statuses = state.withLock { $0.statuses }
            guard statuses.count <= Self.listLimit else {
                throw RPCError(.resourceExhausted, "there are more than \(Self.listLimit) services; ask for each")
            }
            return .with { $0.statuses = statuses.mapValues { status in .with { $0.status = status.message } } }
        }
        router.serverStreaming(Self.watch) { [self] request, responses, _ in
            try await tellChanges(of: request.service, to: responses)
        }
    }

    private func tellChanges(of service: String, to responses: ResponseWriter<Response>) async throws {
        // Only the news that something has changed waits here, at most once; what has is looked up when it is told.
        let (changes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            defer { state.nextWatcher += 1 }
            state.watchers[state.nextWatcher] = continuation
            return state.nextWatcher
        }
        defer { state.withLock { $0.watchers[id] = nil } }
        continuation.yield()
        var told: Response.ServingStatus?
        for await _ in changes {
            let (status, isShutDown) = state.withLock { ($0.statuses[service]?.message ?? .serviceUnknown, $0.isShutDown) }
            if status != told { try await responses.write(.with { $0.status = status }) }
            told = status
            if isShutDown { throw RPCError(.unavailable, "the server is shutting down") }
        }
        throw CancellationError()
    }

    private typealias Request = Grpc_Health_V1_HealthCheckRequest
    private typealias Response = Grpc_Health_V1_HealthCheckResponse

    private static let check = RPCMethod<Request, Response>(service: name, name: "Check", kind: .unary)
    private static let watch = RPCMethod<Request, Response>(service: name, name: "Watch", kind: .serverStreaming)
    private static let list = RPCMethod<Grpc_Health_V1_HealthListRequest, Grpc_Health_V1_HealthListResponse>(
        service: name, name: "List", kind: .unary)
    private static let name = "grpc.health.v1.Health"
}

extension HealthService.Status {
    var message: Grpc_Health_V1_HealthCheckResponse.ServingStatus { self == .serving ? .serving : .notServing }
}
