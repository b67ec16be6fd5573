import Synchronization

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

    private struct Settings {
        let configuration: Configuration
        /// Counts the changes.
        var number = 0
    }

    @usableFromInline let cache: Locked<LastGoodCache<Key, Value>>
    private let settings: Locked<Settings>
    /// Whether there is a `lastGood` step; read on the way of every good answer.
    private let isRemembering: Atomic<Bool>
    private let flights: SingleFlight<FlightKey<Key>, Value>
    private let fellBack = Counter()

    /// Makes a fallback.
    public init(_ name: String = "fallback", _ configuration: Configuration, timeSource: TimeSource = .system) {
        self.name = name
        self.timeSource = timeSource
        settings = Locked(Settings(configuration: configuration))
        cache = Locked(LastGoodCache(maxEntries: configuration.maxEntries))
        isRemembering = Atomic(configuration.maxEntries > 0)
        flights = SingleFlight(timeSource: timeSource)
    }

    /// The settings in force.
    public var configuration: Configuration { settings.withLock { $0.configuration } }

    /// Puts new settings in force. Good answers stay, as far as they fit; a failure that is being answered is answered by the old steps.
    public func reconfigure(_ configuration: Configuration) {
        settings.withLock { settings in
            settings = Settings(configuration: configuration, number: settings.number + 1)
            cache.withLock { $0 = $0.resized(configuration.maxEntries) }
            isRemembering.store(configuration.maxEntries > 0, ordering: .relaxed)
        }
        emit(.reconfigured)
    }

    /// How many failures it answered.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.fellBack = fellBack.value
        return counters
    }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        let steps = configuration.steps.map { step in
            switch step {
            case .lastGood(let maxAge, let maxEntries): "lastGood (up to \(Words.time(maxAge)) old, \(maxEntries) of them)"
            case .target(let name, let timeout?, _): "\(name) (within \(Words.time(timeout)))"
            case .target, .value, .handler: step.name
            }
        }
        let failures = configuration.on.map(\.words) ?? "failures that do not blame the caller"
        let summary = "answers \(failures) with \(steps.joined(separator: ", then "))"
        return configuration.singleFlight ? summary + "; equal calls share one answer" : summary
    }

    /// Keeps a good answer for the `lastGood` steps.
    @inlinable
    public func remember(_ value: Value, for key: Key) {
        guard remembers else { return }
        let now = timeSource.now()
        cache.withLock { $0.store(value, for: key, now) }
    }

    @usableFromInline var remembers: Bool { isRemembering.load(ordering: .relaxed) }

    /// Whether a failure is to be answered at all: never a cancellation, and by default no error that the caller is to blame for.
    public func answers(_ failure: any Error) -> Bool {
        answers(failure, configuration)
    }

    private func answers(_ failure: any Error, _ configuration: Configuration) -> Bool {
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
        let settings = settings.withLock { $0 }
        let configuration = settings.configuration
        guard answers(failure, configuration) else { throw failure }
        let machine = FallbackStateMachine(steps: configuration.steps)
        var errors: [any Error] = []
        var step = 0
        while true {
            try Task.checkCancellation()
            let now = timeSource.now()
            switch machine.next(from: step, pastDeadline: deadline.map { $0 <= now } ?? false) {
            case .exhausted:
                throw errors.isEmpty ? failure : FallbackError(failure: failure, fallbackErrors: errors)
            case .recall(let index, let maxAge):
                let value = cache.withLock { $0.value(for: key, maxAge: maxAge, now) }
                if let value { return answered(value, by: configuration.steps[index], failure) }
                step = index + 1
            case .answer(let value, let index):
                return answered(value, by: configuration.steps[index], failure)
            case .compute(let index):
                do {
                    let value = try await compute(settings, index, key, failure, deadline)
                    return answered(value, by: configuration.steps[index], failure)
                } catch {
                    if error is CancellationError, Task.isCancelled { throw error }
                    errors.append(error)
                    step = index + 1
                }
            }
        }
    }

    /// Asks a handler or target, alone or together with other calls for the same key, until the caller's deadline.
    private func compute(
        _ settings: Settings, _ index: Int, _ key: Key, _ failure: any Error, _ deadline: Instant?
    ) async throws -> Value {
        let step = settings.configuration.steps[index]
        guard settings.configuration.singleFlight else {
            return try await TimedOperation.run(until: deadline, timeSource) { [self] in
                try await ask(step, key, failure, deadline)
            }.get()
        }
        // The flight knows no deadline but the target's own: it may serve callers with more time than the one who started it.
        return try await TimedOperation.run(until: deadline, timeSource) { [self] in
            try await flights.run(FlightKey(settings: settings.number, step: index, key: key)) { [self] in
                try await ask(step, key, failure, nil)
            }
        }.get()
    }

    private func ask(_ step: Step, _ key: Key, _ failure: any Error, _ deadline: Instant?) async throws -> Value {
        switch step {
        case .handler(_, let handler):
            return try await handler(key, failure)
        case .target(let name, let timeout, let target):
            let own = timeout.map { timeSource.now() + $0 }
            var scope = Call.enclosing
            let limit = PipelineFrame.nearest(PipelineFrame.nearest(own, deadline), scope.deadline)
            scope.limit = limit ?? .distantFuture
            let call = Call(pipeline: name, deadline: limit, attempt: 1, timeSource: timeSource)
            let result = await TimedOperation.run(until: own, timeSource) { [scope] in
                try await Call.$enclosing.withValue(scope) { try await target(key, call) }
            }
            if case .failure(is CancellationError) = result, let own, let timeout, !Task.isCancelled, own <= timeSource.now() {
                throw TimeoutError(policy: "\(self.name)/\(name)", scope: .attempt, after: timeout)
            }
            return try result.get()
        case .lastGood, .value:
            preconditionFailure("only handlers and targets are asked")
        }
    }

    private func answered(_ value: Value, by step: Step, _ failure: any Error) -> Answer<Value> {
        fellBack.add()
        emit(.fellBack(step: step.name, failure: failure))
        return Answer(value, from: .fallback(step: step.name, failure: failure))
    }
}

/// What concurrent answers share: the step that is asked, of which settings, and for what.
private struct FlightKey<Key: Hashable & Sendable>: Hashable, Sendable {
    let settings: Int
    let step: Int
    let key: Key
}
