/// Answers in place of a main path that failed: the last good answer, a fixed value, a computed one.
///
/// It always stands outside every other policy, because it alone knows the type of the answer; breakers and metrics see the
/// failure before it is hidden. An ``Answer`` says which step gave it.
public final class Fallback<Key: Hashable & Sendable, Value: Sendable>: Policy {
    /// The name that events carry.
    public let name: String
    /// ``PolicyKind/fallback``.
    public var kind: PolicyKind { .fallback }
    /// The clock by which answers age.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    private let configuration: Configuration
    private let machine: Locked<FallbackStateMachine<Key, Value>>
    private let remembers: Bool
    private let fellBack = Counter()

    /// Makes a fallback.
    public init(_ name: String = "fallback", _ configuration: Configuration, timeSource: TimeSource = .system) {
        self.name = name
        self.configuration = configuration
        self.timeSource = timeSource
        machine = Locked(FallbackStateMachine(configuration.steps))
        remembers = configuration.steps.contains { if case .lastGood = $0 { true } else { false } }
    }

    /// How many failures it answered.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.fellBack = fellBack.value
        return counters
    }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let steps = configuration.steps.map { step in
            switch step {
            case .lastGood(let maxAge, let maxEntries): "lastGood (up to \(Words.time(maxAge)) old, \(maxEntries) of them)"
            case .value, .handler: step.name
            }
        }
        let failures = configuration.on.map(\.words) ?? "failures that do not blame the caller"
        return "answers \(failures) with \(steps.joined(separator: ", then "))"
    }

    /// Keeps a good answer for the `lastGood` steps.
    public func remember(_ value: Value, for key: Key) {
        guard remembers else { return }
        let now = timeSource.now()
        machine.withLock { $0.remember(value, for: key, now) }
    }

    /// Whether a failure is to be answered at all: never a cancellation, and by default no error that the caller is to blame for.
    public func answers(_ failure: any Error) -> Bool {
        if let on = configuration.on { return !(failure is CancellationError) && on.matches(failure) }
        switch Classification.standard.outcome(of: failure) {
        case .failure, .ignored: return true
        case .success, .cancelled: return false
        }
    }

    /// Answers in place of `failure`.
    /// - Parameters:
    ///   - key: what the call asked for; an answer never crosses keys.
    ///   - deadline: the caller's; after it only `lastGood` and `value` steps may answer.
    /// - Throws: `failure` itself when no step has an answer, ``FallbackError`` when some tried and failed, or
    ///   `CancellationError` when the caller went away meanwhile.
    public func answer(to failure: any Error, key: Key, deadline: Instant? = nil) async throws -> Answer<Value> {
        guard answers(failure) else { throw failure }
        var errors: [any Error] = []
        var step = 0
        while true {
            try Task.checkCancellation()
            let now = timeSource.now()
            let pastDeadline = deadline.map { $0 <= now } ?? false
            switch machine.withLock({ $0.next(from: step, key: key, now, pastDeadline: pastDeadline) }) {
            case .exhausted:
                throw errors.isEmpty ? failure : FallbackError(failure: failure, fallbackErrors: errors)
            case .answer(let value, let index):
                return answered(value, step: index, failure)
            case .compute(let index):
                guard case .handler(_, let handler) = configuration.steps[index] else { preconditionFailure("only handlers compute") }
                do {
                    let value = try await TimedOperation.run(until: deadline, timeSource) { try await handler(key, failure) }.get()
                    return answered(value, step: index, failure)
                } catch {
                    if error is CancellationError, Task.isCancelled { throw error }
                    errors.append(error)
                    step = index + 1
                }
            }
        }
    }

    private func answered(_ value: Value, step: Int, _ failure: any Error) -> Answer<Value> {
        let name = configuration.steps[step].name
        fellBack.add()
        emit(.fellBack(step: name, failure: failure))
        return Answer(value, from: .fallback(step: name, failure: failure))
    }
}
