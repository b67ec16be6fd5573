import Foundation
import Holdfast
import Testing

@testable import HoldfastChaos

/// Somebody else's service behind the proxy.
@Suite("Redis through a proxy", .enabled(if: Redis.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(5)))
struct RedisThroughProxyTests {
    @Test("Commands are answered through slices, refused by a reset, and answered again")
    func redis() async throws {
        let redis = try await Redis()
        defer { redis.end() }
        let bench = try await ProxyBench(upstream: redis.port)
        let client = try await RawSocket.connect(bench.port)
        try await client.send("PING\r\n")
        #expect(await client.receiveText(7) == "+PONG\r\n")

        try await bench.install(
            ProxyFault("cut", .slice(size: 3, variation: 2, delay: .zero, .both)),
            ProxyFault(
                "slow", .latency(.uniform(from: .zero, to: .milliseconds(2)), .both),
                Selection(per: .chunk, share: .probability(0.5))))
        let value = String(repeating: "holdfast ", count: 500)
        try await client.send("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$\(value.utf8.count)\r\n\(value)\r\n")
        #expect(await client.receiveText(5) == "+OK\r\n")
        try await client.send("GET a\r\n")
        let answer = "$\(value.utf8.count)\r\n\(value)\r\n"
        #expect(await client.receiveText(answer.utf8.count) == answer)
        #expect(await bench.proxy.hits()["cut", default: 0] > 0)

        try await bench.install(ProxyFault("gone", .reset(after: .zero), Selection(per: .connection, share: .first(1))))
        #expect(await client.receive() == .failure(ECONNRESET))
        let again = try await RawSocket.connect(bench.port)
        try await again.send("GET a\r\n")
        #expect(await again.receiveText(answer.utf8.count) == answer)
        await bench.stop()
    }
}

/// A `redis-server` that keeps nothing.
private final class Redis: Sendable {
    private static let path = "/usr/bin/redis-server"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    let port: Int
    private let processID: Int32

    init() async throws {
        port = try RawSocket.listen().port
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        processID = process.processIdentifier
        // Bounded by the time limit of the suite.
        while (try? await RawSocket.connect(port)) == nil { try await Task.sleep(for: .milliseconds(20), tolerance: .zero) }
    }

    func end() { kill(processID, SIGKILL) }
}
