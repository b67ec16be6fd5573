/// Limits how long a call, or one attempt, may take.
///
/// Where it stands decides what it limits: the outermost timeout of a pipeline the whole call, one further in an attempt.
/// The nearest deadline wins and travels in the call. On expiry the operation is cancelled and its end is awaited, so
/// that nothing goes on behind the caller's back, unless it is told to leave the operation behind.
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
    public let eventSource: EventSource
    /// The latencies that an adaptive limit follows.
    public let latencies: LatencyTracker?

    private let perCall: (@Sendable () -> Duration)?
    private let counts: Counts

    /// What is counted, over all settings that follow one another.
    private final class Counts: Sendable {
        let timedOut = Counter()
        let leftBehind = Counter()
    }

    /// Makes a timeout.
    /// - Parameters:
    ///   - configuration: its settings, already checked.
    ///   - perCall: gives the limit of each call; it counts if it is shorter than the configuration's, and zero or less leaves no time.
    public init(
        _ name: String = "timeout", _ configuration: Configuration, timeSource: TimeSource = .system,
        perCall: (@Sendable () -> Duration)? = nil
    ) {
        self.name = name
        self.configuration = configuration
        self.timeSource = timeSource
        self.perCall = perCall
        eventSource = EventSource()
        counts = Counts()
        latencies = configuration.adaptive == nil ? nil : LatencyTracker(checkedWindow: .seconds(60), timeSource)
    }

    private init(_ configuration: Configuration, following old: Timeout) {
        self.configuration = configuration
        (name, timeSource, perCall) = (old.name, old.timeSource, old.perCall)
        (eventSource, counts) = (old.eventSource, old.counts)
        latencies = configuration.adaptive == nil ? nil : old.latencies ?? LatencyTracker(checkedWindow: .seconds(60), old.timeSource)
    }

    /// The same timeout under new settings, for the calls that begin from now on: it goes on counting and measuring where this one is,
    /// and reports to the same listeners. Calls under way keep this one, whose settings never change.
    package func following(_ configuration: Configuration) -> Timeout {
        Timeout(configuration, following: self)
    }

    /// Reports that its settings are in force now in place of those it follows.
    package func reportReconfigured() {
        emit(.reconfigured)
    }

    /// Makes a timeout.
    /// - Parameter after: how long a call or attempt may take; above zero.
    /// - Throws: ``ConfigurationError`` when it is not.
    public convenience init(
        _ name: String = "timeout", after: Duration, timeSource: TimeSource = .system
    ) throws(ConfigurationError) {
        self.init(name, try Configuration(after: after), timeSource: timeSource)
    }

    /// How often it ended an attempt, and how many operations it left behind that still run.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.timedOut = counts.timedOut.value
        counters.abandoned = counts.leftBehind.value
        return counters
    }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        var summary = "ends what is inside it after \(Words.time(configuration.after))"
        if perCall != nil { summary += ", or sooner, as each call is given" }
        if let adaptive = configuration.adaptive {
            summary +=
                ", or sooner, after \(Words.number(adaptive.factor)) times what \(Words.percent(adaptive.quantile)) of successes take, "
            summary += "but not before \(Words.time(adaptive.minimum))"
        }
        if configuration.onExpiry == .abandon { summary += ", and leaves it behind" }
        if let idle = configuration.idle { summary += "; a stream after \(Words.time(idle)) of silence" }
        return summary
    }

    /// Whether calls may be given less time than ``Configuration/after``.
    var mayShorten: Bool { perCall != nil || latencies != nil }

    /// How long the next call or attempt may take.
    public var limit: Duration { .nanoseconds(limitNanoseconds) }

    var limitNanoseconds: Int64 {
        var limit = configuration.nanoseconds
        if let perCall { limit = min(limit, perCall().nanoseconds) }
        if let latencies, let rule = configuration.adaptive,
            let measured = latencies.quantile(rule.quantile, minimumSamples: rule.minimumSamples)
        {
            let adapted = Int64(saturating: Double(measured.nanoseconds) * rule.factor)
            limit = min(limit, max(adapted, rule.minimum.nanoseconds))
        }
        return limit
    }

    /// Notes how long a success took, if the limit follows that.
    func succeeded(since start: Instant, _ attempt: inout Attempt) {
        latencies?.record(start.duration(to: attempt.now()))
    }

    func succeeded(since start: Instant) {
        latencies?.record(start.duration(to: timeSource.now()))
    }

    func expired(_ error: TimeoutError) {
        counts.timedOut.add()
        emit(.timedOut(error))
    }

    func abandoned() {
        counts.leftBehind.add()
    }

    func abandonedEnded() {
        counts.leftBehind.add(-1)
    }
}
