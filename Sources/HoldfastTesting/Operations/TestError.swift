public import Holdfast

/// An error that says whatever a test wants it to say about how a call ended.
public struct TestError: StatusError, Hashable, CustomStringConvertible {
    /// How the call ended.
    public var code: StatusCode
    /// How long the other side asks callers to stay away.
    public var retryAfter: Duration?
    /// Whether the other side asks not to be tried again.
    public var forbidsRetry: Bool
    /// Whether the connection failed.
    public var isConnectionError: Bool
    /// Whether the call provably never reached the service.
    public var isUnprocessed: Bool

    /// Makes an error; what is not given is not said.
    public init(
        _ code: StatusCode = .unavailable, retryAfter: Duration? = nil, forbidsRetry: Bool = false,
        isConnectionError: Bool = false, isUnprocessed: Bool = false
    ) {
        self.code = code
        self.retryAfter = retryAfter
        self.forbidsRetry = forbidsRetry
        self.isConnectionError = isConnectionError
        self.isUnprocessed = isUnprocessed
    }

    /// The code, and what else was said.
    public var description: String {
        var words = [code.name]
        if let retryAfter { words.append("retry after \(retryAfter)") }
        if forbidsRetry { words.append("do not retry") }
        if isConnectionError { words.append("connection error") }
        if isUnprocessed { words.append("unprocessed") }
        return words.joined(separator: ", ")
    }
}
