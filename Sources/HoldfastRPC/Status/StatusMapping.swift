import Holdfast

/// What a call's status is when the server did not say it, as gRPC's documents lay down.
enum StatusMapping {
    /// From the HTTP status ("HTTP to gRPC Status Code Mapping").
    static func code(httpStatus: Int) -> StatusCode {
        switch httpStatus {
        case 400: .internalError
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .unimplemented
        case 429, 502, 503, 504: .unavailable
        default: .unknown
        }
    }

    /// From the code of an RST_STREAM frame ("gRPC over HTTP2", Errors).
    static func code(reset: UInt32) -> StatusCode {
        switch HTTP2ErrorCode(rawValue: reset) {
        case .refusedStream: .unavailable
        case .cancel: .cancelled
        case .enhanceYourCalm: .resourceExhausted
        case .inadequateSecurity: .permissionDenied
        default: .internalError
        }
    }
}
