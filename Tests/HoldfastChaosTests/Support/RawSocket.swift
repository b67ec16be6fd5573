import Foundation

/// A TCP socket on loopback without anything in between, whose calls block on threads of their own. Whoever is cancelled in one shuts the
/// socket down, so that a test that waits for what never comes ends at its time limit.
final class RawSocket: Sendable {
    struct Failure: Error {
        var code: Int32
    }

    /// What a read brought.
    enum Received: Equatable {
        case bytes([UInt8])
        case end
        /// Nothing came in the time that was given.
        case nothing
        case failure(Int32)
    }

    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    static func connect(_ port: Int) async throws -> RawSocket {
        let socket = RawSocket(Self.make())
        try await socket.blocking {
            guard withAddress(port, { Foundation.connect(socket.descriptor, $0, $1) }) == 0 else { throw Failure(code: errno) }
        }
        return socket
    }

    /// Begins to connect, and does not wait for it.
    static func beginConnecting(_ port: Int) -> RawSocket {
        let socket = RawSocket(make())
        _ = fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK)
        _ = withAddress(port) { Foundation.connect(socket.descriptor, $0, $1) }
        return socket
    }

    /// Whether it becomes connected within that time.
    func isConnected(within milliseconds: Int32) async -> Bool {
        await blocking { [self] in
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return Foundation.poll(&poll, 1, milliseconds) == 1 && poll.revents & Int16(POLLERR | POLLHUP) == 0
        }
    }

    static func listen(_ port: Int = 0) throws -> RawSocket {
        let socket = RawSocket(make())
        guard withAddress(port, { bind(socket.descriptor, $0, $1) }) == 0, Foundation.listen(socket.descriptor, 64) == 0 else {
            throw Failure(code: errno)
        }
        return socket
    }

    var port: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func accept() async throws -> RawSocket {
        try await blocking { [self] in
            let accepted = Foundation.accept(descriptor, nil, nil)
            guard accepted >= 0 else { throw Failure(code: errno) }
            return RawSocket(accepted)
        }
    }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [self] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw Failure(code: errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends until nothing is taken for that long.
    /// - Returns: how many bytes were.
    func sendUntilFull(_ bytes: [UInt8], patience milliseconds: Int32, atMost limit: Int) async -> Int {
        await blocking { [self] in
            var sent = 0
            while sent < limit {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard Foundation.poll(&poll, 1, milliseconds) == 1 else { break }
                let count = bytes.withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
                guard count > 0 else { break }
                sent += count
            }
            return sent
        }
    }

    /// What comes next.
    func receive(within milliseconds: Int32 = -1, atMost limit: Int = 1 << 16) async -> Received {
        await blocking { [self] in
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard Foundation.poll(&poll, 1, milliseconds) == 1 else { return .nothing }
            var buffer = [UInt8](repeating: 0, count: limit)
            let count = recv(descriptor, &buffer, limit, 0)
            if count > 0 { return .bytes(Array(buffer[..<count])) }
            return count == 0 ? .end : .failure(errno)
        }
    }

    /// So many bytes; fewer if no more come.
    func receive(exactly count: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, case .bytes(let more) = await receive(atMost: min(1 << 16, count - bytes.count)) { bytes += more }
        return bytes
    }

    func receiveText(_ count: Int) async -> String { String(decoding: await receive(exactly: count), as: UTF8.self) }

    /// All that comes, and how it ends.
    func receiveAll() async -> (bytes: [UInt8], ending: Received) {
        var bytes: [UInt8] = []
        while true {
            switch await receive() {
            case .bytes(let more): bytes += more
            case let ending: return (bytes, ending)
            }
        }
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends with RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // Keeps the number until the end of the socket, so that it is nobody else's.
        let null = open("/dev/null", O_RDONLY)
        dup2(null, descriptor)
        close(null)
    }

    private static func make() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
            }
        } onCancel: {
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }

    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: work()) }
            }
        } onCancel: {
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }
}
