@testable import Holdfast

/// A failure that says what a test wants it to say.
struct RetryTestError: StatusError, Equatable {
    var code = StatusCode.unavailable
    var retryAfter: Duration?
    var forbidsRetry = false
    var isConnectionError = false
    var isUnprocessed = false
}
