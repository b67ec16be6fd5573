extension Metadata {
    /// Keys that the transport writes itself.
    private static let reserved: Set<String> = [
        "content-type", "te", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-status", "grpc-message",
        "grpc-message-type", "grpc-previous-rpc-attempts", "user-agent", "connection", "keep-alive", "proxy-connection",
        "transfer-encoding", "upgrade", "host",
        "content-length",
    ]

    /// The most that can be sent, in bytes as HTTP/2 counts them: names, values, and 32 for each pair. nghttp2 sends no header block above
    /// 64 KiB, and the status or the request's path have to fit in beside it; many a peer takes 8 KiB only.
    static let largestSize = 56 * 1024

    /// The pairs' size, as HTTP/2 counts it.
    var size: Int { entries.reduce(0) { $0 + Self.size($1) } }

    private static func size(_ entry: Entry) -> Int { entry.key.utf8.count + entry.value.utf8.count + 32 }

    /// What is wrong with the pairs, as one sentence; nil when they can be sent.
    var complaint: String? {
        var size = 0
        for entry in entries {
            if let complaint = Self.complaint(entry) { return complaint }
            size += Self.size(entry)
        }
        guard size <= Self.largestSize else {
            return "the metadata is \(size) bytes long, with 32 for each pair; \(Self.largestSize) can be sent"
        }
        return nil
    }

    /// The pairs that can be sent: of too many, those that come first.
    var valid: Metadata {
        guard complaint != nil else { return self }
        var valid = Metadata()
        var size = 0
        for entry in entries where Self.complaint(entry) == nil && size + Self.size(entry) <= Self.largestSize {
            size += Self.size(entry)
            valid.add(entry.value, for: entry.key)
        }
        return valid
    }

    private static func complaint(_ entry: Entry) -> String? {
        guard entry.isMisnamed else { return complaint(entry.key, entry.value) }
        return "bytes were added to the metadata for \"\(entry.key.printable)\": give them a key that ends in -bin"
    }

    /// What is wrong with a pair, as one sentence; nil when it can be sent.
    package static func complaint(_ key: String, _ value: String) -> String? {
        if key.isEmpty || !key.utf8.allSatisfy(isKeyByte) {
            return "the metadata key \"\(key.printable)\" is not allowed: use a-z, 0-9, '-', '_' and '.'"
        }
        if reserved.contains(key) {
            return "the metadata key \"\(key)\" is not allowed: it belongs to the transport"
        }
        if !value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return "the value of metadata key \"\(key)\" is not printable ASCII: give a key that ends in -bin the bytes"
        }
        if key.hasSuffix("-bin"), Base64.decodeAll(value) == nil {
            return "the value of metadata key \"\(key)\" is not Base64: add bytes, not a string"
        }
        if value.utf8.first == 0x20 || value.utf8.last == 0x20 {
            return "the value of metadata key \"\(key)\" begins or ends with a space, which HTTP would drop"
        }
        return nil
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension String {
    /// The text with control characters replaced and cut to a length that fits a message.
    var printable: String {
        String(prefix(100).map { $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? "?" : $0 })
    }
}
