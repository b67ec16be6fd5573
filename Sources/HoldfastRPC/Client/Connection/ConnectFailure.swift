import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Says in a few words why a connection could not be made.
package enum ConnectFailure {
    package static func describe(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return describe(first.error) }
            if let resolution = error.dnsAError ?? error.dnsAAAAError { return "\(error.host) was not found (\(resolution))" }
            return "\(error.host) has no address"
        case let error as IOError: return error.systemText
        case ChannelError.connectTimeout(let time): return "no answer within \(time.nanoseconds / 1_000_000) ms"
        default: return "\(error)"
        }
    }
}

extension IOError {
    /// The system's words for the error.
    var systemText: String { String(cString: strerror(errnoCode)) }
}
