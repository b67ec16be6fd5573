import NIOCore
import NIOWebSocket

/// Why a WebSocket cannot go on.
struct WebSocketFailure: Error, Equatable {
    var code: WebSocketErrorCode
    var reason: String

    init(_ code: WebSocketErrorCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    static func violation(_ reason: String) -> WebSocketFailure { WebSocketFailure(.protocolError, reason) }
}

/// Puts messages together from a client's frames, and refuses those that RFC 6455 does not allow.
struct WebSocketAssembler {
    /// What a frame brought.
    enum Event: Equatable {
        case message([UInt8])
        case ping(ByteBuffer)
        case pong
        /// The client is done; the code is nil when it gives none.
        case close(WebSocketErrorCode?)
    }

    private let longestMessage: Int
    /// The message that is not complete yet.
    private var fragments: [UInt8]?

    /// - Parameter longestMessage: how many bytes one message may have.
    init(longestMessage: Int) {
        self.longestMessage = longestMessage
    }

    /// Takes a frame.
    /// - Returns: what it completes; nil for a fragment that others follow.
    mutating func take(_ frame: WebSocketFrame) throws(WebSocketFailure) -> Event? {
        guard frame.maskKey != nil else { throw .violation("a frame of a client is not masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { throw .violation("a reserved bit is set, and no extension was agreed to") }
        switch frame.opcode {
        case .text:
            guard fragments == nil else { throw .violation("a message begins before the one before it has ended") }
            return try take(frame.unmaskedData, isLast: frame.fin)
        case .continuation:
            guard fragments != nil else { throw .violation("a fragment comes without a message") }
            return try take(frame.unmaskedData, isLast: frame.fin)
        case .binary:
            throw WebSocketFailure(.unacceptableData, "messages are JSON, in text frames")
        case .ping: return .ping(frame.unmaskedData)
        case .pong: return .pong
        case .connectionClose: return .close(try Self.closeCode(frame.unmaskedData))
        default: throw .violation("a frame has an opcode that is reserved")
        }
    }

    private mutating func take(_ bytes: ByteBuffer, isLast: Bool) throws(WebSocketFailure) -> Event? {
        var message = fragments ?? []
        fragments = nil
        guard message.count + bytes.readableBytes <= longestMessage else {
            throw WebSocketFailure(.messageTooLarge, "a message is longer than \(longestMessage) bytes")
        }
        message.append(contentsOf: bytes.readableBytesView)
        guard isLast else {
            fragments = message
            return nil
        }
        guard String(validating: message, as: UTF8.self) != nil else {
            throw WebSocketFailure(.dataInconsistentWithMessage, "a text message is not UTF-8")
        }
        return .message(message)
    }

    /// Reads what a closing frame says (RFC 6455, 7.4).
    private static func closeCode(_ bytes: ByteBuffer) throws(WebSocketFailure) -> WebSocketErrorCode? {
        var bytes = bytes
        guard bytes.readableBytes > 0 else { return nil }
        guard let number = bytes.readInteger(as: UInt16.self) else { throw .violation("a closing frame has half a code") }
        switch number {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .violation("a closing frame has the code \(number), which is not to be sent")
        }
        guard String(validating: bytes.readableBytesView, as: UTF8.self) != nil else {
            throw WebSocketFailure(.dataInconsistentWithMessage, "the reason of a closing frame is not UTF-8")
        }
        return WebSocketErrorCode(codeNumber: Int(number))
    }
}
