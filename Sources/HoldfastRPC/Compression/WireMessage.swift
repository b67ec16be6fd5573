import Holdfast

/// A message as it stands behind its length prefix: the bytes, and the flag that says whether they are compressed.
///
/// Messages are compressed and decompressed on their task, not on the event loop, and what waits for its reader waits compressed:
/// a peer's small messages cannot become large ones that nobody asked for.
package struct WireMessage: Hashable, Sendable {
    package var bytes: [UInt8]
    package var isCompressed = false
    /// How many more bytes the prefix announces than follow: none, but for a message that a fault cuts off.
    var missing = 0

    package init(_ bytes: [UInt8], isCompressed: Bool = false) {
        self.bytes = bytes
        self.isCompressed = isCompressed
    }

    /// The number of bytes on the wire, without the prefix.
    var count: Int { bytes.count }

    /// Compresses a message if that was asked for, and if it makes it smaller.
    init(_ bytes: [UInt8], compression: MessageCompression) {
        if compression == .gzip, !bytes.isEmpty, let smaller = Gzip.compress(bytes) {
            self.init(smaller, isCompressed: true)
        } else {
            self.init(bytes)
        }
    }

    /// The beginning of a message behind the length of the whole; at least one byte is missing.
    init(_ bytes: [UInt8], cutTo count: Int) {
        self.init(Array(bytes.prefix(max(count, 0))))
        missing = max(bytes.count - self.bytes.count, 1)
    }

    /// The message itself.
    /// - Parameters:
    ///   - limit: the longest message, in bytes; decompression stops above it.
    ///   - origin: of the error; `server` where the client is told.
    /// - Throws: RESOURCE_EXHAUSTED when it is longer, INTERNAL when it cannot be decompressed.
    func decompressed(limit: Int, origin: RPCError.Origin = .local) throws(RPCError) -> [UInt8] {
        guard isCompressed else { return bytes }
        do throws(GzipError) {
            return try Gzip.decompress(bytes, limit: limit)
        } catch {
            let (code, text): (StatusCode, String) =
                switch error {
                case .tooLong: (.resourceExhausted, "a message is longer than the limit of \(limit) once it is decompressed")
                case .invalid(let problem): (.internalError, "a compressed message could not be decompressed: \(problem)")
                }
            throw RPCError(code: code, message: text, origin: origin)
        }
    }
}
