/// The throttle's decisions: how likely a call is refused, and what an attempt's end says about the service.
///
/// B. Beyer and others (eds.), "Site Reliability Engineering", O'Reilly 2016, chapter 21 "Handling Overload", equation 21-1.
struct AdaptiveThrottleStateMachine {
    /// What became of a request.
    enum Reply: Equatable {
        /// The service took it on, however it ended.
        case accepted
        /// The service turned it away, or could not be reached, or gave no answer in time.
        case refused
        /// Nobody knows: the caller went away, or a policy further in refused.
        case unknown
    }

    let k: Double

    /// max(0, (requests - K x accepts) / (requests + 1)).
    func probability(requests: Int, accepts: Int) -> Double {
        max(0, (Double(requests) - k * Double(accepts)) / (Double(requests) + 1))
    }

    /// Whether the next call is refused.
    /// - Parameter draw: gives a number from 0 up to, but not including, 1; not called while nothing is ever refused.
    func refuses(requests: Int, accepts: Int, draw: () -> Double) -> Bool {
        let probability = probability(requests: requests, accepts: accepts)
        return probability > 0 && draw() < probability
    }

    /// What an attempt's end says.
    ///
    /// A service that fails is not one that is overloaded: an `INTERNAL` error took a backend's work, and sending it less would
    /// not help. What counts as turned away is `RESOURCE_EXHAUSTED`, `UNAVAILABLE`, `DEADLINE_EXCEEDED`, timeouts and failed connections.
    static func reply(_ completion: Completion) -> Reply {
        switch completion {
        case .succeeded: .accepted
        case .failed(let error): reply(error)
        case .superseded: .unknown
        case .judged(.success): .accepted
        case .judged(.failure): .refused
        case .judged(.ignored), .judged(.cancelled): .unknown
        }
    }

    private static func reply(_ error: any Error) -> Reply {
        if let error = error as? FallbackError { return reply(error.failure) }
        if error is CancellationError || error is Rejection { return .unknown }
        guard let status = error as? any StatusError else { return .accepted }
        if status.isConnectionError { return .refused }
        switch status.code {
        case .resourceExhausted, .unavailable, .deadlineExceeded: return .refused
        default: return .accepted
        }
    }
}
