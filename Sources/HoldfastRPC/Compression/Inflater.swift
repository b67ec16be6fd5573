import CZlib

/// One of zlib's decompressing streams. zlib keeps a pointer to it, so it has a place of its own.
final class Inflater {
    private static let chunk = 32 * 1024

    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>

    /// Nil when there is no memory for one.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(capacity: Self.chunk)
        guard inflateInit2_(stream, Zlib.gzipWindow, zlibVersion(), CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            output.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// The bytes that were compressed, which may be several gzip members one behind another (RFC 1952, section 2.2).
    func decompress(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        // The length prefix of a message has 32 bits.
        guard bytes.count <= Int(UInt32.max) else { throw .tooLong }
        var message: [UInt8] = []
        var failure: GzipError?
        bytes.withUnsafeBufferPointer { source in
            // zlib's input is not const, though it only reads it.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            repeat {
                failure = readMember(into: &message, limit: limit)
            } while failure == nil && stream.pointee.avail_in > 0
            stream.pointee.next_in = nil
        }
        if let failure { throw failure }
        return message
    }

    private func readMember(into message: inout [UInt8], limit: Int) -> GzipError? {
        guard inflateReset(stream) == Z_OK else { return .invalid("zlib lost its state") }
        while true {
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let result = inflate(stream, Z_NO_FLUSH)
            let produced = output.count - Int(stream.pointee.avail_out)
            guard message.count + produced <= limit else { return .tooLong }
            message.append(contentsOf: UnsafeBufferPointer(rebasing: output[..<produced]))
            switch result {
            case Z_STREAM_END: return nil
            case Z_OK: continue
            // No progress is possible: all input is used up, and the end was not in it.
            case Z_BUF_ERROR: return .invalid("it is cut off")
            default: return .invalid(stream.pointee.msg.map { String(cString: $0) } ?? "zlib's error \(result)")
            }
        }
    }
}
