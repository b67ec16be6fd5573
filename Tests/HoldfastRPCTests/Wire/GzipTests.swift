import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("gzip")
struct GzipTests {
    private static func text(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 % 7 + $0 / 1_000) } }

    @Test("What is compressed comes back the same", arguments: [40, 1_000, 32 * 1_024, 32 * 1_024 + 1, 1_000_000])
    func roundTrip(count: Int) throws {
        let bytes = Self.text(count)
        let compressed = try #require(Gzip.compress(bytes))
        #expect(compressed.count < count)
        #expect(try Gzip.decompress(compressed, limit: count) == bytes)
    }

    @Test("What would not become smaller is sent as it is", arguments: [[], [1], Array("short".utf8), Array(0...255)] as [[UInt8]])
    func incompressible(bytes: [UInt8]) {
        let message = WireMessage(bytes, compression: .gzip)
        #expect(!message.isCompressed && message.bytes == bytes)
    }

    @Test("Decompression stops at the limit", arguments: [0, 1, 999_999])
    func bomb(limit: Int) throws {
        let compressed = try #require(Gzip.compress(Array(repeating: 0, count: 1_000_000)))
        #expect(compressed.count < 2_000)
        #expect(throws: GzipError.tooLong) { try Gzip.decompress(compressed, limit: limit) }
        #expect(throws: RPCError.self) { try WireMessage(compressed, isCompressed: true).decompressed(limit: limit) }
    }

    @Test("Members one behind another are one message")
    func members() throws {
        let first = try #require(Gzip.compress(Self.text(100)))
        let second = try #require(Gzip.compress(Self.text(200)))
        #expect(try Gzip.decompress(first + second, limit: 300) == Self.text(100) + Self.text(200))
        #expect(throws: GzipError.tooLong) { try Gzip.decompress(first + second, limit: 299) }
    }

    @Test("What is cut off, changed or no gzip is an error, and the next message is read all the same")
    func broken() throws {
        let good = try #require(Gzip.compress(Self.text(1_000)))
        for count in 0..<good.count {
            let isRefused = (try? Gzip.decompress(Array(good.prefix(count)), limit: 10_000)) == nil
            if !isRefused { Issue.record("\(count) of \(good.count) bytes were read as a message") }
        }
        var changed = good
        changed[good.count - 6] ^= 1
        #expect(throws: GzipError.self) { try Gzip.decompress(changed, limit: 10_000) }
        #expect(throws: GzipError.self) { try Gzip.decompress(Array("no gzip at all".utf8), limit: 10_000) }
        #expect(throws: GzipError.self) { try Gzip.decompress(good + [0], limit: 10_000) }
        #expect(try Gzip.decompress(good, limit: 1_000) == Self.text(1_000))
    }

    @Test(
        "A peer's list of encodings is read",
        arguments: [
            ("gzip", true), ("identity, gzip", true), ("identity,deflate,gzip", true), (" gzip ", true), ("identity", false), ("", false),
            ("gzip2,xgzip", false), (",,", false),
        ])
    func accepted(list: String, includesGzip: Bool) {
        #expect(Array(list.utf8).withUnsafeBufferPointer { MessageEncoding.includesGzip($0) } == includesGzip)
    }
}
