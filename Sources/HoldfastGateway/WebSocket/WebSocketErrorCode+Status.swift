import Holdfast
import NIOWebSocket

extension WebSocketErrorCode {
    /// "Try Again Later", in IANA's registry of close codes.
    static let tryAgainLater = WebSocketErrorCode.unknown(1013)

    /// What a WebSocket is closed with whose call ended so.
    init(_ code: StatusCode) {
        switch code {
        case .ok: self = .normalClosure
        case .invalidArgument: self = .dataInconsistentWithMessage
        case .unauthenticated, .permissionDenied: self = .policyViolation
        case .unavailable, .resourceExhausted: self = .tryAgainLater
        default: self = .unexpectedServerError
        }
    }
}
