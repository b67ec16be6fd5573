import Glibc
import Testing

/// A blocking TCP socket on the loopback address. Reads give up after two minutes unless told otherwise, so that a broken test ends.
final class LoopbackSocket: Sendable {
    private let descriptor: CInt
    /// Whether a read that gives up is an issue of the test. A client waits for an answer; a server may wait for a client as long as
    /// the test likes.
    private let expectsAnswers: Bool

    /// - Parameter timeout: in seconds; 0 waits for ever.
    private init(descriptor: CInt, timeout: Int, expectsAnswers: Bool = false) {
        self.descriptor = descriptor
        self.expectsAnswers = expectsAnswers
        var timeout = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    private static func make() -> CInt { socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) }

    static func connect(port: Int, timeout: Int = 120) throws -> LoopbackSocket {
        let socket = LoopbackSocket(descriptor: make(), timeout: timeout, expectsAnswers: true)
        try withAddress(port: port) { Glibc.connect(socket.descriptor, $0, $1) }
        return socket
    }

    static func listen(timeout: Int = 120) throws -> (socket: LoopbackSocket, port: Int) {
        let socket = LoopbackSocket(descriptor: make(), timeout: timeout)
        let port = try socket.bind()
        guard Glibc.listen(socket.descriptor, 8) == 0 else { throw SocketFailure(code: errno) }
        return (socket, port)
    }

    /// Keeps a free port for another program that listens with SO_REUSEPORT, for as long as the socket lives.
    static func reserve() throws -> (socket: LoopbackSocket, port: Int) {
        let socket = LoopbackSocket(descriptor: make(), timeout: 0)
        var isShared: CInt = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEPORT, &isShared, socklen_t(MemoryLayout<CInt>.size))
        return (socket, try socket.bind())
    }

    private func bind() throws -> Int {
        try Self.withAddress(port: 0) { Glibc.bind(descriptor, $0, $1) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) {
            _ = getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func accept(timeout: Int = 120) throws -> LoopbackSocket {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw SocketFailure(code: errno) }
        return LoopbackSocket(descriptor: accepted, timeout: timeout)
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The next bytes; empty at the end, and when nothing comes.
    func receive(fileID: String = #fileID, filePath: String = #filePath, line: Int = #line) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let result = recv(descriptor, buffer.baseAddress, 65_536, 0)
            if result < 0, errno == EAGAIN, expectsAnswers {
                Issue.record(
                    "the peer neither sent anything nor closed the connection in time",
                    sourceLocation: SourceLocation(fileID: fileID, filePath: filePath, line: line, column: 1))
            }
            count = max(result, 0)
        }
    }

    /// Ends the sending direction.
    func finish() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Ends both directions; who waits for bytes or connections is let go.
    func stop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    private static func withAddress(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafeBytes(of: &address) {
            body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        guard result == 0 else { throw SocketFailure(code: errno) }
    }
}

struct SocketFailure: Error {
    let code: CInt
}
