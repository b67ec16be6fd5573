/// HTTP/2 frames written by hand, so that they can be wrong.
enum RawFrames {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let settings = settings([])
    static let settingsAcknowledged = frame(type: 4, flags: 1, stream: 0, payload: [])

    static func settings(_ entries: [(id: UInt16, value: UInt32)]) -> [UInt8] {
        frame(type: 4, flags: 0, stream: 0, payload: entries.flatMap { bytes($0.id) + bytes($0.value) })
    }

    /// A header block of literals without indexing.
    static func headers(_ fields: [(String, String)], stream: Int32 = 1, ends: Bool = false) -> [UInt8] {
        headers(block: block(fields), stream: stream, flags: ends ? 5 : 4)
    }

    /// - Parameter flags: 1 for END_STREAM, 4 for END_HEADERS, 8 for padding.
    static func headers(block: [UInt8], stream: Int32 = 1, flags: UInt8 = 4) -> [UInt8] {
        frame(type: 1, flags: flags, stream: stream, payload: block)
    }

    static func continuation(_ block: [UInt8], stream: Int32 = 1, ends: Bool = false) -> [UInt8] {
        frame(type: 9, flags: ends ? 4 : 0, stream: stream, payload: block)
    }

    static func data(_ bytes: [UInt8], stream: Int32 = 1, ends: Bool = false) -> [UInt8] {
        frame(type: 0, flags: ends ? 1 : 0, stream: stream, payload: bytes)
    }

    static func reset(_ code: UInt8, stream: Int32 = 1) -> [UInt8] {
        frame(type: 3, flags: 0, stream: stream, payload: [0, 0, 0, code])
    }

    static func goAway(lastStream: UInt8, code: UInt8, debug: [UInt8] = []) -> [UInt8] {
        frame(type: 7, flags: 0, stream: 0, payload: [0, 0, 0, lastStream, 0, 0, 0, code] + debug)
    }

    static func ping(stream: Int32 = 0, count: Int = 8) -> [UInt8] {
        frame(type: 6, flags: 0, stream: stream, payload: Array(repeating: 0, count: count))
    }

    static func windowUpdate(_ increment: UInt32, stream: Int32 = 0) -> [UInt8] {
        frame(type: 8, flags: 0, stream: stream, payload: bytes(increment))
    }

    static func priority(stream: Int32, on other: UInt32) -> [UInt8] {
        frame(type: 2, flags: 0, stream: stream, payload: bytes(other) + [15])
    }

    static func frame(type: UInt8, flags: UInt8, stream: Int32, payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + bytes(UInt32(bitPattern: stream)) + payload
    }

    /// HPACK: literals without indexing.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + text($0.0) + text($0.1) }
    }

    /// HPACK: a string without Huffman's code.
    static func text(_ text: String) -> [UInt8] {
        var rest = text.utf8.count
        guard rest >= 127 else { return [UInt8(rest)] + Array(text.utf8) }
        var length: [UInt8] = [127]
        rest -= 127
        while rest >= 128 {
            length.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return length + [UInt8(rest)] + Array(text.utf8)
    }

    /// A length-prefixed message, whose length may be a lie.
    static func message(_ bytes: [UInt8], flag: UInt8 = 0, length: UInt32? = nil) -> [UInt8] {
        [flag] + Self.bytes(length ?? UInt32(bytes.count)) + bytes
    }

    /// Many frames, one behind another.
    static func repeated(_ count: Int, _ frame: (Int32) -> [UInt8]) -> [UInt8] {
        (0..<Int32(count)).flatMap(frame)
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
