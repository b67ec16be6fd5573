/// HTTP/2 frames written by hand, so that they can be wrong.
enum RawFrames {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let settings = frame(type: 4, flags: 0, stream: 0, payload: [])

    /// A header block of literals without indexing.
    static func headers(_ fields: [(String, String)], stream: Int32 = 1, ends: Bool = false) -> [UInt8] {
        var block: [UInt8] = []
        for (name, value) in fields {
            block.append(0)
            for text in [name, value] {
                precondition(text.utf8.count < 127)
                block.append(UInt8(text.utf8.count))
                block += Array(text.utf8)
            }
        }
        return frame(type: 1, flags: ends ? 5 : 4, stream: stream, payload: block)
    }

    static func data(_ bytes: [UInt8], stream: Int32 = 1, ends: Bool = false) -> [UInt8] {
        frame(type: 0, flags: ends ? 1 : 0, stream: stream, payload: bytes)
    }

    static func reset(_ code: UInt8, stream: Int32 = 1) -> [UInt8] {
        frame(type: 3, flags: 0, stream: stream, payload: [0, 0, 0, code])
    }

    static func goAway(lastStream: UInt8, code: UInt8) -> [UInt8] {
        frame(type: 7, flags: 0, stream: 0, payload: [0, 0, 0, lastStream, 0, 0, 0, code])
    }

    private static func frame(type: UInt8, flags: UInt8, stream: Int32, payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        let id = UInt32(bitPattern: stream)
        return [UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + [UInt8(id >> 24), UInt8(id >> 16 & 255), UInt8(id >> 8 & 255), UInt8(id & 255)] + payload
    }
}
