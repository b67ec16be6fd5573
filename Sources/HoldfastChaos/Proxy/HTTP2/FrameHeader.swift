import NIOCore

/// The nine bytes in front of each frame of HTTP/2 (RFC 9113, 4.1).
struct FrameHeader: Equatable {
    static let size = 9

    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let rstStream: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goaway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    enum Flag {
        static let acknowledgement: UInt8 = 0x1
        static let endStream: UInt8 = 0x1
        static let endHeaders: UInt8 = 0x4
    }

    var length: Int
    var kind: UInt8
    var flags: UInt8
    var stream: UInt32

    /// The header at `index`, where nine bytes must be readable.
    init?(_ buffer: ByteBuffer, at index: Int) {
        guard let high = buffer.getInteger(at: index, as: UInt16.self), let low = buffer.getInteger(at: index + 2, as: UInt8.self),
            let kind = buffer.getInteger(at: index + 3, as: UInt8.self), let flags = buffer.getInteger(at: index + 4, as: UInt8.self),
            let stream = buffer.getInteger(at: index + 5, as: UInt32.self)
        else { return nil }
        length = Int(high) << 8 | Int(low)
        self.kind = kind
        self.flags = flags
        self.stream = stream & 0x7FFF_FFFF
    }

    /// Whether a header block begins or goes on in it, whose order with others must be kept.
    var isOfHeaderBlock: Bool { kind == Kind.headers || kind == Kind.continuation || kind == Kind.pushPromise }

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

/// Frames that a proxy says of its own.
enum Frame {
    static func rstStream(_ stream: UInt32, code: UInt32) -> ByteBuffer {
        frame(FrameHeader.Kind.rstStream, stream: stream) { $0.writeInteger(code) }
    }

    static func goaway(lastStream: UInt32, code: UInt32) -> ByteBuffer {
        frame(FrameHeader.Kind.goaway, stream: 0) { $0.writeMultipleIntegers(lastStream, code) }
    }

    static func windowUpdate(_ stream: UInt32, increment: UInt32) -> ByteBuffer {
        frame(FrameHeader.Kind.windowUpdate, stream: stream) { $0.writeInteger(increment & 0x7FFF_FFFF) }
    }

    static func settings(_ values: [(identifier: UInt16, value: UInt32)]) -> ByteBuffer {
        frame(FrameHeader.Kind.settings, stream: 0) { payload in
            for value in values { payload.writeMultipleIntegers(value.identifier, value.value) }
        }
    }

    /// A frame without flags.
    private static func frame(_ kind: UInt8, stream: UInt32, _ payload: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 64)
        buffer.writeMultipleIntegers(UInt16(0), UInt8(0), kind, UInt8(0), stream)
        let start = buffer.writerIndex
        payload(&buffer)
        buffer.setInteger(UInt8(buffer.writerIndex - start), at: 2)
        return buffer
    }
}

/// Codes of RST_STREAM and GOAWAY (RFC 9113, 7), by the names that the RFC gives them.
package enum HTTP2ErrorCode {
    package static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
        "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]
    static let cancel: UInt32 = 8

    static func name(_ code: UInt32) -> String {
        Int(code) < names.count ? names[Int(code)] : String(code)
    }
}
