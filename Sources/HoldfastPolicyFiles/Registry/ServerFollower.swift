import Holdfast
import HoldfastRPC

/// Policies around a server's handlers that follow those in force.
final class ServerFollower: Sendable {
    private let current: Locked<ServerInterceptor>
    private let criticalityKey: String?
    private let peer: @Sendable (ServerCall) -> String

    init(
        _ routes: RouteTable, criticalityKey: String?, peer: @escaping @Sendable (ServerCall) -> String
    ) throws(ConfigurationError) {
        self.criticalityKey = criticalityKey
        self.peer = peer
        current = Locked(try ServerPolicies(routes, criticalityKey: criticalityKey, peer: peer).interceptor)
    }

    var interceptor: ServerInterceptor {
        { [self] call, next in try await current.withLock { $0 }(call, next) }
    }

    /// The registry's end; it does not keep the server's.
    struct Follower: RouteFollower {
        weak let server: ServerFollower?

        func prepare(_ routes: RouteTable, of document: PolicyDocument) throws(DocumentError) -> RouteChange? {
            guard let server else { return nil }
            try document.checkHandlers(routes)
            do throws(ConfigurationError) {
                let interceptor = try ServerPolicies(routes, criticalityKey: server.criticalityKey, peer: server.peer).interceptor
                return RouteChange { [weak server] in server?.current.withLock { $0 = interceptor } }
            } catch {
                throw DocumentError([Diagnostic(file: document.file, message: "\(error)")])
            }
        }
    }
}
