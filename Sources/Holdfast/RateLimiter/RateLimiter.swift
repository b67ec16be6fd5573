/// Limits how many calls may start per time.
///
/// Decided at entry: a call that could not get its permit within the smaller of `maxWait` and its deadline is refused at
/// once and uses nothing up. Waiting calls are served first in, first out.
///
/// ```swift
/// let quota = try RateLimiter("say", .perSecond(100, burst: 20))
/// try await quota.run { try await client.sayHi("kitty") }
/// ```
public final class RateLimiter: Gate {
    private struct Core {
        var machine: RateLimiterStateMachine
        var waiting: [Int: OneShot] = [:]
        var timer: TimerHandle?
        var timerAt = Instant.distantFuture
    }

    /// The name that rejections and events carry.
    public let name: String
    /// ``PolicyKind/rateLimiter``.
    public var kind: PolicyKind { .rateLimiter }
    /// The clock the limiter reads.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    private let core: Locked<Core>
    private let admitted = Counter()
    private let rejected = Counter()

    /// Makes a limiter whose bucket is full.
    public init(_ name: String = "rateLimiter", _ configuration: Configuration, timeSource: TimeSource = .system) {
        self.name = name
        self.timeSource = timeSource
        core = Locked(Core(machine: RateLimiterStateMachine(configuration, now: timeSource.now())))
    }

    /// Runs `operation`, in the caller's isolation, once it has a permit.
    /// - Throws: ``Rejection`` when refused, else what `operation` throws.
    @inlinable
    public nonisolated(nonsending) func run<Value>(
        _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        var attempt = Attempt(timeSource)
        switch admit(&attempt) {
        case .admitted: break
        case .rejected(let rejection): throw rejection
        case .mustWait: _ = try await waitForPermit(attempt)
        }
        return try await operation()
    }

    /// Permits that could be taken now.
    public var available: Int {
        let now = timeSource.now()
        return core.withLock { $0.machine.available(now) }
    }

    /// Calls that wait for a permit now.
    public var queued: Int {
        core.withLock { $0.machine.queued }
    }

    /// How many attempts were let through and refused.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.admitted = admitted.value
        counters.rejected = rejected.value
        return counters
    }

    /// Puts new settings in force; saved-up permits stay, as far as they fit, and waiting calls go on waiting.
    public func reconfigure(_ configuration: Configuration) {
        let now = timeSource.now()
        core.withLock { $0.machine.reconfigure(configuration, now) }
        serve()
        emit(.reconfigured)
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public func admit(_ attempt: inout Attempt) -> Admission {
        let now = attempt.now()
        let (permits, deadline) = (attempt.attributes.weight, attempt.deadline)
        switch core.withLock({ $0.machine.acquire(permits, now, deadline: deadline) }) {
        case .admitted:
            admitted.add()
            return .admitted(Ticket())
        case .mayWait: return .mustWait
        case .rejected(let reason, let retryAfter): return .rejected(reject(reason, retryAfter))
        }
    }

    /// Waits in the queue; see ``Gate``.
    public func waitForPermit(_ attempt: Attempt) async throws -> Ticket {
        let now = timeSource.now()
        let (permits, deadline) = (attempt.attributes.weight, attempt.deadline)
        let shot = OneShot()
        // Asked again under the lock: the queue may have changed since ``admit(_:)``.
        let (decision, id) = core.withLock { core -> (RateLimiterStateMachine.Decision, Int?) in
            let decision = core.machine.acquire(permits, now, deadline: deadline)
            guard decision == .mayWait else { return (decision, nil) }
            let id = core.machine.enqueue(permits, now, deadline: deadline)
            core.waiting[id] = shot
            return (decision, id)
        }
        if case .rejected(let reason, let retryAfter) = decision { throw reject(reason, retryAfter) }
        guard let id else {
            admitted.add()
            return Ticket()
        }
        armTimer()
        try await withTaskCancellationHandler {
            try await shot.value()
        } onCancel: {
            cancel(id)
        }
        admitted.add()
        return Ticket()
    }

    /// Nothing to take back: a quota is used up by starting. See ``Gate``.
    public func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {}

    // MARK: Shell

    private func reject(_ reason: Rejection.Reason, _ retryAfter: Duration?) -> Rejection {
        rejected.add()
        emit(.rejected(reason, retryAfter: retryAfter))
        return Rejection(policy: name, kind: kind, reason: reason, retryAfter: retryAfter)
    }

    private func cancel(_ id: Int) {
        let shot = core.withLock { core in
            _ = core.machine.cancel(id)
            return core.waiting.removeValue(forKey: id)
        }
        shot?.finish(.failure(CancellationError()))
        serve()
    }

    /// Lets everybody leave the queue whose turn it is, then sets the timer for the next.
    private func serve() {
        let now = timeSource.now()
        let (granted, expired) = core.withLock { core in
            let served = core.machine.serve(now)
            return (
                served.granted.compactMap { core.waiting.removeValue(forKey: $0) },
                served.expired.compactMap { core.waiting.removeValue(forKey: $0) }
            )
        }
        for shot in granted { shot.finish(.success(())) }
        for shot in expired { shot.finish(.failure(reject(.waitedTooLong, nil))) }
        armTimer()
    }

    private func armTimer() {
        core.withLock { core in
            guard let next = core.machine.nextService() else {
                core.timer?.cancel()
                core.timer = nil
                core.timerAt = .distantFuture
                return
            }
            guard next != core.timerAt else { return }
            core.timer?.cancel()
            core.timerAt = next
            core.timer = timeSource.schedule(at: next) { [weak self] in
                self?.core.withLock { $0.timerAt = .distantFuture }
                self?.serve()
            }
        }
    }
}
