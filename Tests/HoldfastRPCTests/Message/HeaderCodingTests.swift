import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Header values")
struct HeaderCodingTests {
    @Test(
        "A timeout is sent in the shortest unit of at most eight digits, rounded up to three that count",
        arguments: [
            (1, "1n"), (999, "999n"), (1_000, "1000n"), (1_001, "1010n"), (99_900_000, "99900000n"), (99_900_001, "100000u"),
            (100_000_000, "100000u"), (249_000_001, "250000u"), (250_000_001, "251000u"), (999_987_654, "1000000u"),
            (100_000_000_000, "100000m"), (.max, "2570000H"), (.max - 1, "2570000H"), (0, "1n"), (-5, "1n"),
        ] as [(Int64, String)])
    func timeout(nanoseconds: Int64, text: String) {
        #expect(TimeoutHeader.encode(nanoseconds: nanoseconds) == text)
    }

    @Test(
        "A peer's timeout is read, or refused",
        arguments: [
            ("1n", 1), ("250m", 250_000_000), ("2M", 120_000_000_000), ("99999999H", .max), ("", nil), ("5", nil), ("m", nil),
            ("123456789n", nil), ("-1m", nil), ("1x", nil),
        ] as [(String, Int64?)])
    func timeoutDecoding(text: String, nanoseconds: Int64?) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { TimeoutHeader.decode($0) } == nanoseconds)
    }

    @Test(
        "Status messages survive their percent-encoding",
        arguments: [
            ("plain", "plain"), ("50% off", "50%25 off"), ("na\u{EF}ve", "na%C3%AFve"), ("two\nlines", "two%0Alines"),
            (" a b ", "%20a b%20"), (" ", "%20"), ("", ""),
        ])
    func message(text: String, encoded: String) {
        #expect(StatusMessageCoding.encode(text) == encoded)
        #expect(StatusMessageCoding.decode(encoded) == text)
    }

    @Test(
        "A status message that is too long is cut between two characters, and does not end in a space",
        arguments: [("a", 2_048), ("\u{E9}", 2_048), ("\u{20AC}", 2_046), ("\u{1F431}", 2_048), (" ", 2_048)])
    func longMessage(character: String, bytes: Int) {
        let encoded = StatusMessageCoding.encode(String(repeating: character, count: 3_000))
        #expect(StatusMessageCoding.decode(encoded) == String(repeating: character, count: bytes / character.utf8.count))
        #expect(encoded.utf8.first != 0x20 && encoded.utf8.last != 0x20)
    }

    @Test("A broken percent-encoding is read as far as it goes", arguments: [("100%", "100%"), ("%zz", "%zz"), ("%4", "%4")])
    func brokenMessage(text: String, decoded: String) {
        #expect(StatusMessageCoding.decode(text) == decoded)
    }

    @Test("Base64 survives, with and without padding", arguments: 0..<5)
    func base64(count: Int) {
        let bytes = (0..<count).map { UInt8($0 * 77 & 255) }
        let text = Base64.encode(bytes)
        #expect(!text.contains("="))
        #expect(Base64.decode(text) == bytes)
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        #expect(Base64.decode(text + padding) == bytes)
    }

    @Test(
        "Metadata that cannot be sent is described",
        arguments: [
            ("Bad Key", "x", "the metadata key \"bad key\" is not allowed: use a-z, 0-9, '-', '_' and '.'"),
            ("", "x", "the metadata key \"\" is not allowed: use a-z, 0-9, '-', '_' and '.'"),
            ("grpc-timeout", "1S", "the metadata key \"grpc-timeout\" is not allowed: it belongs to the transport"),
            ("a", "b\nc", "the value of metadata key \"a\" is not printable ASCII: give a key that ends in -bin the bytes"),
            ("a-bin", "?", "the value of metadata key \"a-bin\" is not Base64: add bytes, not a string"),
        ])
    func metadata(key: String, value: String, complaint: String) {
        #expect(Metadata(dictionaryLiteral: (key, value)).complaint == complaint)
    }

    @Test("Bytes under a key that is none for bytes are described as long as they are there, also when they were appended")
    func misnamedBytes() {
        var metadata: Metadata = ["a": "b"]
        metadata.add([1], for: "Trace-Bin")
        #expect(metadata.complaint == nil)
        var other = Metadata()
        other.add([1], for: "trace")
        metadata.append(other)
        #expect(metadata.complaint == "bytes were added to the metadata for \"trace\": give them a key that ends in -bin")
        #expect(metadata.valid.map(\.key) == ["a", "trace-bin"])
        metadata["trace"] = nil
        #expect(metadata.complaint == nil)
    }

    @Test("Metadata that is too long is described, and the pairs that fit are kept")
    func longMetadata() {
        var metadata = Metadata()
        for number in 100..<156 { metadata.add(String(repeating: "x", count: 1_024 - 35), for: "\(number)") }
        #expect(metadata.complaint == nil && metadata.size == 57_344)
        metadata.add("", for: "a")
        #expect(metadata.complaint == "the metadata is 57377 bytes long, with 32 for each pair; 57344 can be sent")
        #expect(metadata.valid.count == 56)
    }

    @Test(
        "The pauses between connection attempts grow as gRPC says",
        arguments: [(1, 1.0), (2, 1.6), (3, 2.56), (11, 109.95), (12, 120), (10_000, 120)] as [(Int, Double)])
    func backoff(failures: Int, seconds: Double) {
        let pause = ConnectionBackoff().pause(failures: failures, random: 0.5)
        #expect(abs(pause / .seconds(1) - seconds) < 0.01)
        #expect(abs(ConnectionBackoff().pause(failures: failures, random: 0) / pause - 0.8) < 0.001)
    }
}
