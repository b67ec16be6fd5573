import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension ServerStartError {
    /// What a failure to listen there means to whoever started the server.
    package init(bindingTo host: String, _ port: Int, _ error: any Error) {
        guard let error = error as? IOError else {
            self.init(description: "cannot listen on port \(port) of \(host): \(error)")
            return
        }
        switch error.errnoCode {
        case EADDRINUSE:
            self.init(description: "port \(port) on \(host) is already in use: stop what listens there, or choose another port")
        case EACCES:
            self.init(description: "port \(port) on \(host) may not be used: ports below 1024 need privileges, choose another one")
        case EADDRNOTAVAIL:
            self.init(description: "\(host) is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all addresses")
        default:
            self.init(description: "cannot listen on port \(port) of \(host): \(error.systemText)")
        }
    }
}
