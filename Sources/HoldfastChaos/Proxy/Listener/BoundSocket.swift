import HoldfastAdmin
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A TCP socket that is bound to an address, for what NIO's listeners do not do: keep a port without listening on it, and listen without
/// accepting. Closed with its end, unless it is given away.
struct BoundSocket: ~Copyable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: CInt
    let address: SocketAddress
    private var isGivenAway: Bool

    /// Binds a socket that shares its address with others that do not listen.
    init(_ wanted: SocketAddress) throws(Failure) {
        let descriptor = try Self.bound(wanted)
        self.descriptor = descriptor
        address = Self.ownAddress(descriptor, like: wanted)
        isGivenAway = false
    }

    /// Begins to listen.
    func listen(backlog: CInt) throws(Failure) {
        guard systemListen(descriptor, backlog) == 0 else {
            throw Failure(description: "cannot listen on \(address.text): \(String(cString: strerror(errno)))")
        }
    }

    /// A connection to this socket that nobody waits for.
    func connection() throws(Failure) -> CInt {
        let descriptor = try Self.make(address)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
        return descriptor
    }

    /// How many attempts to connect the system dropped because nobody accepts; nil on a system that does not say.
    var droppedConnections: Int? {
        #if os(Linux)
        // SO_MEMINFO, of which the ninth number is SK_MEMINFO_DROPS; a listening socket counts every SYN that finds no room.
        var numbers = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(numbers.count * MemoryLayout<UInt32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, 55, &numbers, &length) == 0, length >= socklen_t(9 * MemoryLayout<UInt32>.size) else {
            return nil
        }
        return Int(numbers[8])
        #else
        return nil
        #endif
    }

    /// The descriptor, which is the caller's to close.
    mutating func giveAway() -> CInt {
        isGivenAway = true
        return descriptor
    }

    deinit {
        if !isGivenAway { close(descriptor) }
    }

    private static func make(_ address: SocketAddress) throws(Failure) -> CInt {
        let family: CInt
        switch address {
        case .v4: family = AF_INET
        case .v6: family = AF_INET6
        case .unixDomainSocket: throw Failure(description: "\(address.text) is no address of TCP")
        }
        #if canImport(Glibc)
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #elseif canImport(Musl)
        let descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)
        #else
        let descriptor = socket(family, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Failure(description: "no socket can be made: \(String(cString: strerror(errno)))") }
        return descriptor
    }

    private static func bound(_ wanted: SocketAddress) throws(Failure) -> CInt {
        let descriptor = try make(wanted)
        var enabled: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &enabled, socklen_t(MemoryLayout<CInt>.size))
        guard wanted.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0 else {
            let failure = Failure(description: "cannot listen on \(wanted.text): \(String(cString: strerror(errno)))")
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static func ownAddress(_ descriptor: CInt, like wanted: SocketAddress) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return wanted }
                switch wanted {
                case .v4:
                    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
                default:
                    return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
                }
            }
        }
    }
}

/// `listen(2)`; a free function, because within `BoundSocket` that name means its own.
private func systemListen(_ descriptor: CInt, _ backlog: CInt) -> CInt {
    listen(descriptor, backlog)
}
