import Holdfast

extension RPCError {
    /// The status of a call whose handler threw `error`.
    ///
    /// The handler's own status goes out as it is, that of another server included which it passes on. Of policies' refusals and
    /// timeouts, and of what else has a status, clients learn the code and when to try again (S55); of all other errors nothing: their
    /// text may tell what a stranger should not know, and so may that of a call which failed on this side of the connection.
    init(ofHandler error: any Error) {
        switch error {
        case let error as RPCError where error.origin == .server: self = error
        case is CancellationError: self.init(.cancelled, "the call was cancelled")
        case let rejection as Rejection:
            self.init(rejection.code, "the server refused the call: \(rejection.reason)", retryAfter: rejection.retryAfter)
        case is TimeoutError: self.init(.deadlineExceeded, "the handler was not done in time")
        case let error as any StatusError: self.init(error.code, "the handler failed", retryAfter: error.retryAfter)
        default: self.init(.unknown, "the handler failed")
        }
    }
}
