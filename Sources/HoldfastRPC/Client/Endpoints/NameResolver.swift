import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the addresses of a name.
protocol NameResolver: Sendable {
    /// The addresses of `host` as text, each once, best first.
    func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[String]>
}

/// Asks the system (`getaddrinfo`), on a thread that may block.
struct SystemNameResolver: NameResolver {
    /// Why a name has no address.
    struct Failure: Error, CustomStringConvertible {
        let code: CInt

        var description: String { String(cString: gai_strerror(code)) }
    }

    func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[String]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try Self.lookUp(host) }
    }

    private static func lookUp(_ host: String) throws -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_protocol = CInt(IPPROTO_TCP)
        var first: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, &hints, &first)
        guard result == 0 else { throw Failure(code: result) }
        defer { freeaddrinfo(first) }
        var addresses: [String] = []
        for info in sequence(first: first, next: { $0?.pointee.ai_next }).compactMap({ $0 }) {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let (address, length) = (info.pointee.ai_addr, info.pointee.ai_addrlen)
            guard getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { continue }
            let numbers = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            if !addresses.contains(numbers) { addresses.append(numbers) }
        }
        return addresses
    }
}
