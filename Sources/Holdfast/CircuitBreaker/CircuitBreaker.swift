import Synchronization

/// Stops calls to a service that fails, and finds out when it is back.
///
/// Closed, it lets calls through and records how they end. When the share of failures (or of slow calls, or a row of
/// failures) reaches its threshold it opens and refuses every call for a while. Then it is half-open: a few probes go
/// through, and they decide whether it closes again.
///
/// ```swift
/// let breaker = try CircuitBreaker("say", .init(window: .time(.seconds(30)), minimumCalls: 20, failureRate: 0.5))
/// let answer = try await breaker.run { try await client.sayHi("kitty") }
/// ```
///
/// The per-call path, ``admit(deadline:)`` and ``Permit/settle(_:)``, is synchronous and never hops to the actor: a permit
/// must go back at once from a cancelled task, and a hop costs ten times as much when tasks share the breaker. The actor
/// owns what has an order of its own: manual control and new configurations.
public final actor CircuitBreaker: Gate {
    /// The states a breaker can be in.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Calls go through and are recorded.
        case closed
        /// Calls are refused until the open time is over.
        case open
        /// A few probes go through; they decide what follows.
        case halfOpen
        /// Every call is refused, by hand or by configuration.
        case isolated
        /// No call is refused and nothing is recorded, by hand or by configuration.
        case disabled
        /// No call is refused; the breaker records and reports what it would have done.
        case observing
    }

    private struct Core: ~Copyable {
        var machine: CircuitBreakerStateMachine
        var random: RandomSource
        var pending: [PolicyEvent] = []
        /// What was counted under the lock; the ordinary cases are counted beside it.
        var counters = PolicyCounters()
    }

    /// The name that rejections and events carry.
    public nonisolated let name: String
    /// ``PolicyKind/circuitBreaker``.
    public nonisolated var kind: PolicyKind { .circuitBreaker }
    /// The clock the breaker reads.
    public nonisolated let timeSource: TimeSource
    /// Where its events come out.
    public nonisolated let eventSource = EventSource()

    private nonisolated let closedPath = ClosedPath()
    private nonisolated let core: Locked<Core>
    /// Replaced together with the configuration; errors are classified before the lock is taken.
    private nonisolated let classification: Atomic<UInt64>

    /// Makes a breaker.
    /// - Parameters:
    ///   - name: what rejections and events call it.
    ///   - configuration: its settings, already checked.
    ///   - timeSource: its clock.
    ///   - random: where jitter comes from.
    public init(
        _ name: String = "circuitBreaker", _ configuration: Configuration,
        timeSource: TimeSource = .system, random: RandomSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        core = Locked(Core(machine: CircuitBreakerStateMachine(configuration, now: timeSource.now()), random: random))
        classification = Atomic(configuration.classification.bits)
        core.withLock { closedPath.publish($0.machine.callPathRules()) }
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public nonisolated func admit(_ attempt: inout Attempt) -> Admission {
        if let ticket = closedPath.admit(&attempt) { return .admitted(ticket) }
        if !eventSource.hasSubscribers, let rest = closedPath.refuses(&attempt) { return .rejected(rejection(.open, rest)) }
        let (now, deadline) = (attempt.now(), attempt.deadline)
        let decision = decide(now) { core in
            let decision = core.machine.admit(now, deadline: deadline, random: &core.random)
            if case .rejected(let reason, let retryAfter) = decision {
                core.counters.rejected += 1
                core.machine.events.append((now, .rejected(reason, retryAfter: retryAfter)))
            } else {
                core.counters.admitted += 1
            }
            return decision
        }
        switch decision {
        case .admitted(let ticket): return .admitted(ticket)
        case .rejected(let reason, let retryAfter): return .rejected(rejection(reason, retryAfter))
        }
    }

    /// A stream is slow by its time to the first message, and as a probe it decides then; see ``Gate``.
    public nonisolated func answered(_ ticket: Ticket, _ attempt: inout Attempt) -> Ticket {
        let now = attempt.now()
        return decide(now) { core in core.machine.answered(ticket, now, random: &core.random) }
    }

    /// Records how an attempt ended; see ``Gate``.
    public nonisolated func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        let outcome: Outcome
        var retryAfter: Duration?
        var isSuperseded = false
        switch completion {
        case .succeeded:
            if closedPath.recordSuccess(ticket, &attempt) { return }
            outcome = .success
        case .judged(let judged): outcome = judged
        case .superseded:
            outcome = .cancelled
            isSuperseded = true
        case .failed(let error):
            outcome = Classification.outcome(of: error, bits: classification.load(ordering: .relaxed))
            retryAfter = (error as? any StatusError)?.retryAfter
        }
        let now = attempt.now()
        decide(now) { core in
            switch outcome {
            case .success: core.counters.succeeded += 1
            case .failure: core.counters.failed += 1
            case .ignored: core.counters.ignored += 1
            case .cancelled: core.counters.cancelled += 1
            }
            core.machine.settle(
                ticket, outcome, now, retryAfter: retryAfter, isSuperseded: isSuperseded, random: &core.random)
        }
    }

    // MARK: Reading

    /// The state now. An open breaker whose time is over is half-open from the first reading on.
    public nonisolated var state: State {
        let now = timeSource.now()
        return decide(now) { core in core.machine.state(now, random: &core.random) }
    }

    /// The settings in force.
    public nonisolated var configuration: Configuration {
        core.withLock { $0.machine.configuration }
    }

    /// The state and the counters now.
    public nonisolated func snapshot() -> Snapshot {
        let now = timeSource.now()
        return decide(now) { core in core.machine.snapshot(now, random: &core.random) }
    }

    /// How many attempts it let through and refused, and how those let through ended.
    public nonisolated var counters: PolicyCounters {
        decide(timeSource.now()) { core in
            var counters = core.counters
            counters.admitted += closedPath.counts.admitted
            counters.rejected += closedPath.counts.rejected
            counters.stale = core.machine.staleResults
            return counters
        }
    }

    /// What it does, with its settings in force; see ``Policy``.
    public nonisolated var summary: String {
        let configuration = configuration
        return switch configuration.mode {
        case .isolated: "refuses every call"
        case .disabled: "refuses no call and records nothing"
        case .observing: "refuses no call; reports when it would: \(configuration.words)"
        case .automatic: configuration.words
        }
    }

    /// Says in a sentence why the breaker is in its state.
    public nonisolated func explain() -> String {
        snapshot().explanation
    }

    // MARK: Control

    /// Refuses every call until ``release()`` or ``reset()``.
    public func isolate() { control(.isolated) }

    /// Lets every call through, records nothing, until ``release()`` or ``reset()``.
    public func disable() { control(.disabled) }

    /// Lets every call through, and reports what it would have refused, until ``release()`` or ``reset()``.
    public func observe() { control(.observing) }

    /// Gives control back to the breaker, in the state it had.
    public func release() { control(.automatic) }

    /// Opens the breaker as if it had tripped; it goes on by itself from there.
    public func trip() {
        let now = timeSource.now()
        decide(now) { core in core.machine.trip(now, random: &core.random) }
    }

    /// Makes the breaker half-open, as if its open time had ended: the next attempts are probes.
    public func probe() {
        let now = timeSource.now()
        decide(now) { core in core.machine.probe(now, random: &core.random) }
    }

    /// Closes the breaker, gives control back to it and forgets what it recorded.
    public func reset() {
        let now = timeSource.now()
        decide(now) { core in core.machine.reset(now) }
    }

    /// Puts new settings in force. The state and, unless the window's shape changes, the counts stay; an open breaker stays
    /// open until the earlier of the two ends.
    public func reconfigure(_ configuration: Configuration) { reconfigureAtOnce(configuration) }

    /// The same without the hop, for who puts the settings of many policies in force together.
    package nonisolated func reconfigureAtOnce(_ configuration: Configuration) {
        classification.store(configuration.classification.bits, ordering: .relaxed)
        let now = timeSource.now()
        decide(now) { core in core.machine.reconfigure(configuration, now, random: &core.random) }
    }

    private func control(_ mode: Configuration.Mode) {
        let now = timeSource.now()
        decide(now) { core in core.machine.control(mode, now, because: "by hand") }
    }

    // MARK: Shell

    /// Decides under the lock: first the successes counted beside it are recorded, then `body`, then what needs no lock from now on.
    private nonisolated func decide<Result>(_ now: Instant, _ body: (inout Core) -> Result) -> Result {
        let (result, mustDeliver) = core.withLock { core in
            let (successes, latest) = closedPath.collect()
            core.counters.succeeded += successes
            core.machine.record(successes: successes, latest)
            let result = Decided(value: body(&core))
            closedPath.publish(core.machine.callPathRules())
            return (result, queueEvents(&core))
        }
        if mustDeliver { deliverEvents() }
        return result.value
    }

    private nonisolated func rejection(_ reason: Rejection.Reason, _ retryAfter: Duration?) -> Rejection {
        Rejection(policy: name, kind: kind, reason: reason, retryAfter: retryAfter)
    }

    /// Moves what the machine decided into the queue for listeners; true if there is something to deliver.
    private nonisolated func queueEvents(_ core: inout Core) -> Bool {
        guard !core.machine.events.isEmpty else { return false }
        if eventSource.hasSubscribers {
            for (at, event) in core.machine.events {
                core.pending.append(PolicyEvent(policy: name, kind: kind, at: at, decision: event.decision))
            }
        }
        core.machine.events.removeAll(keepingCapacity: true)
        return !core.pending.isEmpty
    }

    private nonisolated func deliverEvents() {
        eventSource.deliver {
            core.withLock { core in
                let events = core.pending
                core.pending.removeAll()
                return events
            }
        }
    }
}

/// Carries a generic result out of a lock.
private struct Decided<Value> {
    let value: Value
}

extension CircuitBreakerStateMachine.Event {
    fileprivate var decision: PolicyEvent.Decision {
        switch self {
        case .stateChanged(let from, let to, let because): .stateChanged(from: from, to: to, because: because)
        case .rejected(let reason, let retryAfter): .rejected(reason, retryAfter: retryAfter)
        case .wouldHaveRejected(let reason): .wouldHaveRejected(reason)
        case .staleResult(let outcome): .staleResult(outcome)
        case .leaseExpired: .leaseExpired
        case .reconfigured: .reconfigured
        }
    }
}
