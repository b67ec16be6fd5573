import Holdfast
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The file of a Unix domain socket, which outlives a server that was killed and must go before another one can listen.
struct UnixSocketFile: Sendable {
    let path: String
    /// Which file it was when the server began to listen.
    private let identity: Identity

    private struct Identity: Equatable, Sendable {
        let device: UInt64
        let number: UInt64

        /// - Returns: nil when there is no such file.
        init?(_ path: String, onlySockets: Bool) throws(ServerStartError) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            if onlySockets, status.st_mode & mode_t(S_IFMT) != mode_t(S_IFSOCK) {
                throw ServerStartError(description: "\(path) is no socket: give another path, or remove what is there")
            }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            number = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    /// Notes the file that `path` has become.
    init?(listeningOn path: String) {
        guard let identity = try? Identity(path, onlySockets: true) else { return nil }
        self.path = path
        self.identity = identity
    }

    /// Removes the file of a server that is gone. One that somebody listens on stays.
    /// - Throws: ``ServerStartError`` when the path is taken.
    static func removeStale(_ path: String, _ group: any EventLoopGroup) async throws(ServerStartError) {
        // What sun_path holds, its final zero included.
        guard path.utf8.count < 104, !path.isEmpty, !path.utf8.contains(0) else {
            throw ServerStartError(description: "\"\(path.printable)\" is no path of a socket: give one of 1 to 103 bytes")
        }
        guard let identity = try Identity(path, onlySockets: true) else { return }
        do {
            let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            try? await channel.close()
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            // Nobody listens. Another server that starts at the same time may have replaced the file meanwhile: that one stays.
            if try Identity(path, onlySockets: true) == identity { unlink(path) }
            return
        } catch let error as IOError where error.errnoCode == ENOENT {
            return
        } catch {
            throw ServerStartError(description: "cannot find out whether somebody listens on \(path): \(ConnectFailure.describe(error))")
        }
        throw ServerStartError(description: "\(path) is already in use: stop what listens there, or choose another path")
    }

    /// Removes the file, unless it is another server's by now.
    func remove() {
        if (try? Identity(path, onlySockets: false)) == identity { unlink(path) }
    }
}
