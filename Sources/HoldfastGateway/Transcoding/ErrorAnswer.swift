import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import NIOHTTP1

/// An error as a client of the gateway is told of it.
struct ErrorAnswer: Sendable {
    var code: StatusCode
    var status: HTTPResponseStatus
    var message: String
    /// When to try again; nil when that is not known.
    var retryAfter: Duration?
    /// Who refused, if a policy did.
    var rejection: Rejection?
    /// What HTTP wants said with the status.
    var headers = HTTPHeaders()

    /// Whether the gateway ended before the call had.
    private(set) var isShutdown = false

    /// The gateway ends before the call has.
    static let shuttingDown = {
        var answer = ErrorAnswer(HTTPRefusal(.serviceUnavailable, "the gateway shuts down; try again"))
        answer.isShutdown = true
        return answer
    }()

    init(_ error: any Error) {
        let failure = (error as? FallbackError)?.failure ?? error
        switch failure {
        case let refusal as HTTPRefusal:
            (code, status, message, headers) = (refusal.code, refusal.status, refusal.message, refusal.headers)
        case let error as RPCError:
            code = error.code
            message = Self.message(of: error)
            status = Self.status(of: code)
            retryAfter = error.retryAfter
        case let error as any StatusError:
            code = error.code
            message = "\(error)"
            status = Self.status(of: code)
            retryAfter = error.retryAfter
            rejection = error as? Rejection
        case is CancellationError:
            (code, message) = (.cancelled, "the call was cancelled")
            status = Self.status(of: code)
        default:
            (code, message) = (.internalError, "the gateway failed")
            status = Self.status(of: code)
        }
    }

    /// The object that stands for the error in an answer or a stream: `{"error":{...}}`.
    var json: JSONText { .object([("error", details)]) }

    /// The error itself.
    var details: JSONText {
        var members: [(String, JSONText)] = [
            ("code", .integer(code.rawValue)), ("status", .string(code.name)), ("message", .string(message)),
            ("httpStatus", .integer(Int(status.code))),
        ]
        if let rejection {
            members.append(("policy", .string(rejection.policy)))
            members.append(("reason", .string(rejection.reason.rawValue)))
        }
        if let retryAfter { members.append(("retryAfterMilliseconds", .integer(Self.roundedUp(retryAfter, to: 1_000_000)))) }
        return .object(members)
    }

    /// What is said of the error in an answer's headers.
    var responseHeaders: HTTPHeaders {
        var headers = headers
        // A policy that refuses without a time, a half-open breaker whose probes are under way, is to be asked again soon: a second is the
        // least that the header can say.
        if let retryAfter = retryAfter ?? (rejection == nil ? nil : .zero) {
            headers.add(name: "Retry-After", value: String(max(Self.roundedUp(retryAfter, to: 1_000_000_000), 1)))
        }
        return headers
    }

    /// Where the service is, and how it cannot be reached, is nobody's business out there.
    private static func message(of error: RPCError) -> String {
        switch (error.origin, error.code) {
        case (.connection, _): "the service cannot be reached"
        case (.local, .deadlineExceeded): "the call's deadline passed before the service had answered"
        case (.local, .resourceExhausted) where error.isUnprocessed: "too many calls wait already for the service"
        default: error.message
        }
    }

    /// A client that comes back a moment too early is refused again.
    private static func roundedUp(_ duration: Duration, to unit: Int64) -> Int {
        Int(max(duration.nanoseconds, 0).addingSaturating(unit - 1) / unit)
    }

    /// As grpc-gateway has it (`HTTPStatusFromCode` in `runtime/errors.go`).
    static func status(of code: StatusCode) -> HTTPResponseStatus {
        switch code {
        case .ok: .ok
        case .cancelled: .custom(code: 499, reasonPhrase: "Client Closed Request")
        case .invalidArgument, .failedPrecondition, .outOfRange: .badRequest
        case .deadlineExceeded: .gatewayTimeout
        case .notFound: .notFound
        case .alreadyExists, .aborted: .conflict
        case .permissionDenied: .forbidden
        case .unauthenticated: .unauthorized
        case .resourceExhausted: .tooManyRequests
        case .unimplemented: .notImplemented
        case .unavailable: .serviceUnavailable
        default: .internalServerError
        }
    }
}
