import Holdfast
import NIOHTTP1

/// A request that cannot be served as it was made, in HTTP's own terms; the gateway's fault or its service's are not among them.
struct HTTPRefusal: StatusError, CustomStringConvertible {
    var status: HTTPResponseStatus
    var message: String
    /// What HTTP wants said with the status, such as `Allow`.
    var headers: HTTPHeaders

    init(_ status: HTTPResponseStatus, _ message: String, headers: HTTPHeaders = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    static func tooLong(_ limit: Int) -> HTTPRefusal {
        HTTPRefusal(.payloadTooLarge, "a message is longer than \(limit) bytes")
    }

    /// There is no room for another connection for now.
    static func fullHouse(_ reason: String) -> HTTPRefusal {
        HTTPRefusal(.serviceUnavailable, "\(reason); close one, or try again later", headers: ["Retry-After": "1"])
    }

    /// The code that says the same.
    var code: StatusCode {
        switch status {
        case .unauthorized: .unauthenticated
        case .forbidden: .permissionDenied
        case .notFound: .notFound
        case .methodNotAllowed, .notImplemented: .unimplemented
        case .requestTimeout: .deadlineExceeded
        case .payloadTooLarge, .uriTooLong, .requestHeaderFieldsTooLarge: .outOfRange
        case .serviceUnavailable: .unavailable
        default: .invalidArgument
        }
    }

    /// Whether the connection has to end with it: who does not speak HTTP well is not to be taken for anything else by whoever stands in
    /// between.
    var endsConnection: Bool {
        switch status {
        case .unauthorized, .forbidden, .notFound, .methodNotAllowed, .unsupportedMediaType: false
        default: true
        }
    }

    var description: String { message }
}
