/// The `grpc-encoding` that a peer's headers name.
enum MessageEncoding: Equatable {
    case identity
    case gzip
    /// One that this side does not know.
    case unknown(String)

    init(_ value: UnsafeBufferPointer<UInt8>) {
        if value.equals("identity") {
            self = .identity
        } else if value.equals("gzip") {
            self = .gzip
        } else {
            self = .unknown(String(decoding: value, as: UTF8.self).printable)
        }
    }

    /// Whether a peer's `grpc-accept-encoding`, a list with commas, names gzip.
    static func includesGzip(_ list: UnsafeBufferPointer<UInt8>) -> Bool {
        list.split(separator: UInt8(ascii: ",")).contains { part in
            let trimmed = part.drop { $0 == UInt8(ascii: " ") }
            var end = trimmed.endIndex
            while end > trimmed.startIndex, trimmed[end - 1] == UInt8(ascii: " ") { end -= 1 }
            return UnsafeBufferPointer(rebasing: trimmed[..<end]).equals("gzip")
        }
    }
}
