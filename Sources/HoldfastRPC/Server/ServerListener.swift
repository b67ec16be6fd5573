import NIOCore
import NIOPosix

/// Where a server listens.
enum ServerListener: Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)

    var isTCP: Bool {
        if case .tcp = self { return true }
        return false
    }

    /// Begins to listen.
    func bind(_ bootstrap: ServerBootstrap, _ group: any EventLoopGroup) async throws(ServerStartError) -> any Channel {
        switch self {
        case .tcp(let host, let port):
            guard (0...65_535).contains(port) else { throw ServerStartError(description: "\(port) is no port; give 0 to 65535") }
            do {
                return try await bootstrap.bind(host: host, port: port).get()
            } catch {
                throw ServerStartError(bindingTo: host, port, error)
            }
        case .unix(let path):
            try await UnixSocketFile.removeStale(path, group)
            do {
                return try await bootstrap.bind(unixDomainSocketPath: path).get()
            } catch {
                throw ServerStartError(description: "cannot listen on \(path): \(ConnectFailure.describe(error))")
            }
        }
    }
}
