import Dispatch
import Holdfast

/// Carries bytes between clients and a server, can cut all connections at once, without a word of HTTP/2, and resets some streams.
final class Relay: Sendable {
    let port: Int
    private let listener: LoopbackSocket
    private let server: Locked<Int>
    private let open = Locked<[Int: (LoopbackSocket, LoopbackSocket)]>([:])
    private let ended = DispatchGroup()
    private let resetsEvery: Int
    private let heads = Counter()
    /// How many streams have been reset in the server's name.
    let resets = Counter()

    /// - Parameters:
    ///   - server: the port of the server.
    ///   - resetsEvery: one in so many answers is reset.
    init(server: Int, resetsEvery: Int) throws {
        self.server = Locked(server)
        self.resetsEvery = resetsEvery
        (listener, port) = try LoopbackSocket.listen(timeout: 0)
        run { [self] in
            var number = 0
            while let client = try? listener.accept(timeout: 0) {
                number += 1
                accept(client, number)
            }
        }
    }

    private func accept(_ client: LoopbackSocket, _ number: Int) {
        guard let server = try? LoopbackSocket.connect(port: self.server.withLock { $0 }, timeout: 0) else { return client.stop() }
        open.withLock { $0[number] = (client, server) }
        run { [self] in carry(from: client, to: server, number) { $0 } }
        run { [self] in
            var resetter = StreamResetter(heads: heads, every: resetsEvery, resets: resets)
            carry(from: server, to: client, number) { resetter.receive($0) }
        }
    }

    private func carry(from source: LoopbackSocket, to target: LoopbackSocket, _ number: Int, _ change: ([UInt8]) -> [UInt8]) {
        while true {
            let bytes = source.receive()
            guard !bytes.isEmpty else { break }
            target.send(change(bytes))
        }
        source.stop()
        target.stop()
        open.withLock { $0[number] = nil }
    }

    private func run(_ work: @escaping @Sendable () -> Void) {
        ended.enter()
        DispatchQueue(label: "relay").async { [ended] in
            work()
            ended.leave()
        }
    }

    /// Connects to another server from now on.
    func turn(to server: Int) {
        self.server.withLock { $0 = server }
    }

    /// Cuts every connection.
    func cut() {
        for (client, server) in open.withLock({ Array($0.values) }) {
            client.stop()
            server.stop()
        }
    }

    /// Cuts every connection, takes no more, and waits until all threads are done.
    func stop() async {
        listener.stop()
        cut()
        await withCheckedContinuation { continuation in
            ended.notify(queue: .global()) { continuation.resume() }
        }
    }
}
