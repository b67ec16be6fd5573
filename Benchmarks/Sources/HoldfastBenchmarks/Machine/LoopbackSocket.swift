import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A TCP socket on loopback with blocking calls, which add the least to what is measured.
final class LoopbackSocket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(descriptor)
    }

    /// Listens on a free port.
    static func listening() throws -> LoopbackSocket {
        let socket = LoopbackSocket(Self.make())
        guard withAddress(0, { bind(socket.descriptor, $0, $1) }) == 0, listen(socket.descriptor, 16) == 0 else {
            throw BenchmarkError("cannot listen on loopback")
        }
        return socket
    }

    /// A port that nobody listens on now.
    static func freePort() throws -> Int { try listening().port }

    /// Connects; waits for up to four seconds until somebody listens there.
    static func connected(to port: Int) throws -> LoopbackSocket {
        for _ in 0..<200 {
            let socket = LoopbackSocket(Self.make())
            if withAddress(port, { connect(socket.descriptor, $0, $1) }) == 0 { return socket }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw BenchmarkError("nobody listens on port \(port)")
    }

    /// The port that it is bound to.
    var port: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// The next connection; nil when there are no more.
    func accept() -> LoopbackSocket? {
        #if canImport(Glibc)
        let connection = Glibc.accept(descriptor, nil, nil)
        #else
        let connection = Darwin.accept(descriptor, nil, nil)
        #endif
        return connection < 0 ? nil : LoopbackSocket(connection)
    }

    func send(_ bytes: ArraySlice<UInt8>) throws {
        try bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = write(descriptor, buffer.baseAddress! + sent, buffer.count - sent)
                guard count > 0 else { throw BenchmarkError("a connection broke") }
                sent += count
            }
        }
    }

    /// So many bytes.
    func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try receive(count, into: $0) }
        return bytes
    }

    /// So many bytes, into a buffer again and again: they are counted, not kept.
    func receive(_ count: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var rest = count
        while rest > 0 {
            let received = read(descriptor, buffer.baseAddress! + (count == buffer.count ? count - rest : 0), min(rest, buffer.count))
            guard received > 0 else { throw BenchmarkError("a connection broke") }
            rest -= received
        }
    }

    private static func make() -> Int32 {
        #if canImport(Glibc)
        socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        socket(AF_INET, SOCK_STREAM, 0)
        #endif
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
