import Holdfast

/// A header block of a peer, read as far as gRPC knows it; the rest is metadata.
struct InboundHeaders {
    enum ContentType: Equatable {
        case missing
        case grpc
        case other(String)
    }

    var isPost = false
    var path = ""
    var httpStatus = 0
    var contentType = ContentType.missing
    /// The compression of messages.
    var encoding = MessageEncoding.identity
    /// Whether the peer reads gzip.
    var acceptsGzip = false
    /// Nanoseconds; nil when there is none.
    var timeout: Int64?
    var hasMalformedTimeout = false
    var grpcStatus: Int?
    var grpcMessage = ""
    var metadata = Metadata()
    /// As HTTP/2 counts it. Once it is over the limit nothing more is kept.
    private(set) var size = 0
    private(set) var isTooLarge = false

    mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, limit: Int, texts: inout RecentTexts) {
        size += name.count + value.count + 32
        guard size <= limit else {
            isTooLarge = true
            return
        }
        switch name.count {
        case 2 where name.equals("te"): break
        case 5 where name.equals(":path"): path = texts.text(value)
        case 7 where name.equals(":method"): isPost = value.equals("POST")
        case 7 where name.equals(":status"): httpStatus = Self.number(value) ?? 0
        case 7 where name.equals(":scheme"): break
        case 10 where name.equals(":authority"): break
        case 11 where name.equals("grpc-status"): grpcStatus = Self.number(value) ?? StatusCode.unknown.rawValue
        case 12 where name.equals("content-type"): contentType = Self.contentType(value)
        case 12 where name.equals("grpc-timeout"):
            timeout = TimeoutHeader.decode(value)
            hasMalformedTimeout = timeout == nil
        case 12 where name.equals("grpc-message"): grpcMessage = StatusMessageCoding.decode(texts.text(value))
        case 13 where name.equals("grpc-encoding"): encoding = MessageEncoding(value)
        case 14 where name.equals("content-length"): break
        case 20 where name.equals("grpc-accept-encoding"): acceptsGzip = acceptsGzip || MessageEncoding.includesGzip(value)
        default: metadata.add(texts.text(value), for: texts.text(name))
        }
    }

    /// `application/grpc`, also with `+proto` or parameters behind it.
    private static func contentType(_ value: UnsafeBufferPointer<UInt8>) -> ContentType {
        let wanted = 16
        if value.count >= wanted, UnsafeBufferPointer(rebasing: value[..<wanted]).equals("application/grpc") {
            if value.count == wanted || value[wanted] == UInt8(ascii: "+") || value[wanted] == UInt8(ascii: ";") { return .grpc }
        }
        return .other(String(decoding: value, as: UTF8.self).printable)
    }

    private static func number(_ value: UnsafeBufferPointer<UInt8>) -> Int? {
        guard (1...3).contains(value.count) else { return nil }
        var number = 0
        for byte in value {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}

extension UnsafeBufferPointer<UInt8> {
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where self[index] != text.utf8Start[index] { return false }
        return true
    }
}
