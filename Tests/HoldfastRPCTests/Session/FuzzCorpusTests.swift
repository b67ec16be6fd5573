import Foundation
import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Session, scripts of the fuzzer")
struct FuzzCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Fuzz/Corpus").standardized

    @Test("Every script of the kept corpus ends, and breaks no promise of the session")
    func replay() throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
        #expect(files.count > 50)
        for file in files {
            let script = try Data(contentsOf: file)
            script.withUnsafeBytes { SessionDriver.run($0) }
        }
    }

    @Test("Damage anywhere in the kept corpus does neither", arguments: 0..<20)
    func damage(seed: UInt64) throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
        let random = RandomSource(seed: seed)
        for file in files.sorted(by: { $0.path < $1.path }) {
            var script = [UInt8](try Data(contentsOf: file))
            guard !script.isEmpty else { continue }
            for _ in 0..<3 { script[Int(random.next() % UInt64(script.count))] = UInt8(truncatingIfNeeded: random.next()) }
            script.withUnsafeBytes { SessionDriver.run($0) }
        }
    }

    /// `HOLDFAST_SEED_CORPUS=1 swift test --filter FuzzCorpusTests` writes a script for each short row of the two tables of ill will.
    @Test("The corpus is seeded from the tables", .enabled(if: ProcessInfo.processInfo.environment["HOLDFAST_SEED_CORPUS"] != nil))
    func seed() throws {
        let clients = HostileClient.connections + HostileClient.headerBlocks + HostileClient.requests + HostileClient.messages
        for row in clients where row.concernsSession { try write("client", row.name, mode: row.isFromStart ? 2 : 0, row.bytes) }
        let servers = HostileServer.connections + HostileServer.headerBlocks + HostileServer.messages
        for row in servers { try write("server", row.name, mode: 1, row.answer(1)) }
    }

    private func write(_ side: String, _ name: String, mode: UInt8, _ bytes: [UInt8]) throws {
        guard bytes.count <= 1_500 else { return }
        var script = [mode]
        for start in stride(from: 0, to: bytes.count, by: 255) {
            let piece = bytes[start..<min(start + 255, bytes.count)]
            script += [SessionDriver.Step.feed.rawValue, UInt8(piece.count)] + piece
        }
        script += [SessionDriver.Step.status.rawValue, 0, SessionDriver.Step.write.rawValue, 255]
        let file = side + "-" + String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        try Data(script).write(to: Self.folder.appending(path: file))
    }
}

extension HostileClient {
    /// Whether the session is what ends it, and not the server above.
    fileprivate var concernsSession: Bool {
        switch end {
        case .http, .status(.unimplemented, _), .status(.deadlineExceeded, _): false
        default: true
        }
    }
}
