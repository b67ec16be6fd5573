import CZlib

/// One of zlib's compressing streams. zlib keeps a pointer to it, so it has a place of its own.
///
/// Sendable because ``Gzip`` lends it to one caller at a time.
final class Deflater: @unchecked Sendable {
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil when there is no memory for one.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Zlib.gzipWindow, Zlib.memoryLevel, Z_DEFAULT_STRATEGY, zlibVersion(),
            CInt(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The compressed bytes; nil when they would not be fewer.
    func compress(_ bytes: [UInt8]) -> [UInt8]? {
        // The format counts in 32 bits, as the length prefix of a message does.
        guard bytes.count > 1, bytes.count <= Int(UInt32.max), deflateReset(stream) == Z_OK else { return nil }
        let room = bytes.count - 1
        var isComplete = false
        let compressed = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            bytes.withUnsafeBufferPointer { source in
                // zlib's input is not const, though it only reads it.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(room)
                isComplete = deflate(stream, Z_FINISH) == Z_STREAM_END
            }
            count = isComplete ? room - Int(stream.pointee.avail_out) : 0
        }
        return isComplete ? compressed : nil
    }
}

/// Settings of zlib that both directions share.
enum Zlib {
    /// The largest window, with gzip's header and trailer around the data.
    static let gzipWindow: CInt = 15 + 16
    /// zlib's default.
    static let memoryLevel: CInt = 8
}
