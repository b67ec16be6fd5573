/// Limits how long a call, or one attempt, may take.
///
/// Where it stands decides what it limits: the outermost timeout of a pipeline the whole call, one further in an attempt.
/// The nearest deadline wins and travels in the call. On expiry the operation is cancelled and its end is awaited, so
/// that nothing goes on behind the caller's back.
public final class Timeout: Policy {
    /// The name that errors and events carry.
    public let name: String
    /// ``PolicyKind/timeout``.
    public var kind: PolicyKind { .timeout }
    /// The settings.
    public let configuration: Configuration
    /// The clock of the timeout's events; a pipeline measures on its own.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    private let timedOut = Counter()

    /// How many attempts it ended.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.timedOut = timedOut.value
        return counters
    }

    /// Makes a timeout.
    public init(_ name: String = "timeout", _ configuration: Configuration, timeSource: TimeSource = .system) {
        self.name = name
        self.configuration = configuration
        self.timeSource = timeSource
    }

    /// Makes a timeout.
    /// - Parameter after: how long a call or attempt may take; above zero.
    /// - Throws: ``ConfigurationError`` when it is not.
    public convenience init(_ name: String = "timeout", after: Duration, timeSource: TimeSource = .system) throws(ConfigurationError) {
        self.init(name, try Configuration(after: after), timeSource: timeSource)
    }

    func expired(_ error: TimeoutError) {
        timedOut.add()
        emit(.timedOut(error))
    }
}
