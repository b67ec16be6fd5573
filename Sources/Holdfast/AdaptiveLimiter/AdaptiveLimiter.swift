import Synchronization

/// Limits how many calls run at once, and finds the limit by itself: from how long calls take and how many are dropped.
///
/// A call that returns, or that the caller is to blame for, is a sample of the round-trip time. One that runs out of time or is
/// turned away is a drop and shrinks the limit. What was cancelled, refused further in or failed in another way says nothing.
/// The limit does not climb while fewer than half as many calls run (S70).
///
/// ```swift
/// let limiter = try AdaptiveLimiter("say", .init(.gradient2()))
/// try await limiter.run { try await client.sayHi("kitty") }
/// ```
///
/// Admission and release are one atomic step each on one ``AdmissionWord``. Samples are folded under a lock: a drop waits for it and
/// is never lost; an ordinary sample that finds it taken is left out, since another one is just being folded and a few fewer
/// of them change neither a minimum nor an average by anything that matters.
public final class AdaptiveLimiter: Gate {
    private struct Core {
        var machine: AdaptiveLimitStateMachine
        var random: RandomSource
        var waiting = WaitingCalls()
        var shots: [Int: OneShot] = [:]
        var timer = MovableTimer()
        var pending: [PolicyEvent] = []
    }

    /// Who leaves the queue, to be told after the lock is released.
    private struct Served {
        var granted: [OneShot] = []
        var expired: [OneShot] = []
    }

    /// How a waiting call stands after it tried to join the queue.
    private enum Entry {
        case admitted(AdmissionWord)
        case queueFull
        case waiting(Int)
    }

    /// The name that rejections and events carry.
    public let name: String
    /// ``PolicyKind/adaptiveLimiter``.
    public var kind: PolicyKind { .adaptiveLimiter }
    /// The clock the limiter reads.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    /// An ``AdmissionWord``. Anybody may add or take an attempt; limit, epoch and the waiters' bit change under the lock only.
    private let word: Atomic<UInt64>
    private let core: Locked<Core>
    /// What ``Configuration/drops`` names, one bit each.
    private let dropBits: Atomic<UInt32>
    private let maxQueued: Atomic<Int>
    private let queueLength = Atomic(0)
    private let counts = StripedCounters()

    /// Makes a limiter that begins at the initial limit.
    /// - Parameters:
    ///   - name: what rejections and events call it.
    ///   - configuration: its settings, already checked.
    ///   - timeSource: its clock.
    ///   - random: spreads the probes of Vegas.
    public init(
        _ name: String = "adaptiveLimiter", _ configuration: Configuration,
        timeSource: TimeSource = .system, random: RandomSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        var random = random
        let machine = AdaptiveLimitStateMachine(configuration, random: &random)
        word = Atomic(AdmissionWord(limit: machine.limit).rawValue)
        core = Locked(Core(machine: machine, random: random))
        dropBits = Atomic(configuration.dropBits)
        maxQueued = Atomic(configuration.maxQueued)
    }

    // MARK: Reading

    /// The settings in force.
    public var configuration: Configuration { core.withLock { $0.machine.configuration } }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        let finder =
            switch configuration.algorithm {
            case .aimd: "AIMD"
            case .vegas: "Vegas"
            case .gradient2: "Gradient2"
            }
        let summary =
            "lets \(configuration.minimum) to \(Words.count(configuration.maximum, "call")) run at once, as \(finder) finds, "
            + "\(configuration.initial) to begin with"
        return configuration.maxQueued > 0 ? summary + "; up to \(configuration.maxQueued) wait" : summary
    }

    /// How many calls may run at once now.
    public var limit: Int { current.limit }

    /// How many calls run now; more than the limit after it has shrunk.
    public var inFlight: Int { current.inFlight }

    /// How many calls wait for a permit now.
    public var queued: Int { queueLength.load(ordering: .relaxed) }

    /// How many attempts were let through and refused, and how those let through ended.
    public var counters: PolicyCounters { counts.sums }

    // MARK: Control

    /// Puts new settings in force. The limit stays as far as the new bounds allow; running calls go on, and what they say about the time
    /// before counts no more; waiting calls go on waiting.
    public func reconfigure(_ configuration: Configuration) {
        beginEpoch(.reconfigured) { core in
            // Under the lock, so that of two configurations at once the same one is in force everywhere.
            dropBits.store(configuration.dropBits, ordering: .relaxed)
            maxQueued.store(configuration.maxQueued, ordering: .relaxed)
            core.machine.reconfigure(configuration, random: &core.random)
        }
    }

    /// Begins anew at the initial limit and forgets what was measured.
    public func reset() {
        beginEpoch(nil) { core in core.machine.reset(random: &core.random) }
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public func admit(_ attempt: inout Attempt) -> Admission {
        guard let entered = enter(evenWithWaiters: false) else {
            let places = maxQueued.load(ordering: .relaxed)
            // Without time to wait the queue is none, and what is refused is the call, not a place in it.
            if let deadline = attempt.deadline, deadline <= attempt.now() { return .rejected(reject(.full)) }
            if queued < places { return .mustWait }
            return .rejected(reject(places > 0 ? .queueFull : .full))
        }
        counts.add(.admitted)
        return .admitted(Ticket(generation: entered.epoch, slot: entered.inFlight, mark: attempt.now()))
    }

    /// Waits in the queue until a permit comes free or the deadline passes; see ``Gate``.
    public func waitForPermit(_ attempt: Attempt) async throws -> Ticket {
        let (now, latest) = (timeSource.now(), attempt.deadline ?? .distantFuture)
        guard latest > now else { throw reject(.deadlinePassed) }
        let shot = OneShot()
        let (entry, served) = core.withLock { join(shot, until: latest, now, &$0) }
        finish(served)
        let start: AdmissionWord
        switch entry {
        case .queueFull: throw reject(.queueFull)
        case .admitted(let entered): start = entered
        case .waiting(let id):
            try await withTaskCancellationHandler {
                try await shot.value()
            } onCancel: {
                leave(id)?.finish(.failure(CancellationError()))
            }
            start = current
        }
        counts.add(.admitted)
        return Ticket(generation: start.epoch, slot: start.inFlight, mark: timeSource.now())
    }

    /// A stream's round-trip time is that of its first message; how long it goes on says nothing. See ``Gate``.
    public func answered(_ ticket: Ticket, _ attempt: inout Attempt) -> Ticket {
        learn(ticket, didDrop: false, &attempt)
        if current.hasWaiters { serve() }
        var ticket = ticket
        ticket.mark = .distantFuture
        return ticket
    }

    /// Takes the permit back and learns from how the attempt ended; see ``Gate``.
    public func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        switch completion {
        case .succeeded, .judged(.success):
            counts.add(.succeeded)
            learn(ticket, didDrop: false, &attempt)
        case .failed(let error): settle(ticket, error, &attempt)
        case .judged(let outcome): counts.addEnd(outcome)
        case .superseded: counts.add(.cancelled)
        }
        let before = word.wrappingSubtract(AdmissionWord.one, ordering: .acquiringAndReleasing).oldValue
        // Under the waiters' bit the permit is handed on. A waiter that sets the bit only after this looks for room itself.
        if AdmissionWord(rawValue: before).hasWaiters { serve() }
    }

    // MARK: Shell

    private var current: AdmissionWord {
        AdmissionWord(rawValue: word.load(ordering: .acquiring))
    }

    /// Counts one more attempt in flight if there is room.
    /// - Parameter evenWithWaiters: whether the attempt is the first of the queue itself.
    /// - Returns: the word with the attempt in it; nil when there is no room.
    private func enter(evenWithWaiters: Bool) -> AdmissionWord? {
        var seen = word.load(ordering: .relaxed)
        while true {
            let word = AdmissionWord(rawValue: seen)
            guard word.hasRoom, evenWithWaiters || !word.hasWaiters else { return nil }
            let desired = seen + AdmissionWord.one
            let (exchanged, original) = self.word.weakCompareExchange(
                expected: seen, desired: desired, ordering: .acquiringAndReleasing)
            if exchanged { return AdmissionWord(rawValue: desired) }
            seen = original
        }
    }

    private func settle(_ ticket: Ticket, _ error: any Error, _ attempt: inout Attempt) {
        let failure = (error as? FallbackError)?.failure ?? error
        let outcome = Classification.standard.outcome(of: failure)
        let code = (failure as? any StatusError)?.code ?? .unknown
        // A refusal further in has a code too, but the service never saw the call.
        let didDrop =
            !(failure is Rejection) && outcome != .cancelled && dropBits.load(ordering: .relaxed) & 1 << UInt32(code.rawValue) != 0
        counts.addEnd(outcome)
        if didDrop || outcome == .success { learn(ticket, didDrop: didDrop, &attempt) }
    }

    private func learn(_ ticket: Ticket, didDrop: Bool, _ attempt: inout Attempt) {
        // A stream whose first message has come was a sample then; that it was dropped later is still news.
        guard didDrop || ticket.mark < .distantFuture else { return }
        let nanoseconds = attempt.now().nanoseconds.subtractingSaturating(ticket.mark.nanoseconds)
        let mustDeliver =
            didDrop
            ? core.withLock { sample(ticket, nanoseconds, didDrop: true, &$0) }
            : core.withLockIfAvailable { sample(ticket, nanoseconds, didDrop: false, &$0) }
        if mustDeliver == true { deliverEvents() }
    }

    /// Folds one sample under the lock; true if there is something to deliver.
    private func sample(_ ticket: Ticket, _ nanoseconds: Int64, didDrop: Bool, _ core: inout Core) -> Bool {
        guard ticket.generation == AdmissionWord(rawValue: word.load(ordering: .relaxed)).epoch else {
            counts.add(.stale)
            return false
        }
        let before = core.machine.limit
        core.machine.sample(nanoseconds: nanoseconds, inFlight: ticket.slot, didDrop: didDrop, random: &core.random)
        guard core.machine.limit != before else { return false }
        // Whoever waits for the room that this makes is served after the lock is released: by the permit that comes back, or at once.
        update { $0.limit = core.machine.limit }
        return queueEvent(.limitChanged(from: before, to: core.machine.limit), &core)
    }

    private func beginEpoch(_ event: PolicyEvent.Decision?, _ change: (inout Core) -> Void) {
        let mustDeliver = core.withLock { core in
            let before = core.machine.limit
            change(&core)
            update { word in
                word.limit = core.machine.limit
                word.epoch += 1
            }
            var mustDeliver = false
            if let event { mustDeliver = queueEvent(event, &core) }
            if core.machine.limit != before { mustDeliver = queueEvent(.limitChanged(from: before, to: core.machine.limit), &core) }
            return mustDeliver
        }
        if mustDeliver { deliverEvents() }
        serve()
    }

    /// Changes what only the lock's holder may change, while others add and take attempts.
    private func update(_ change: (inout AdmissionWord) -> Void) {
        var seen = word.load(ordering: .relaxed)
        while true {
            var desired = AdmissionWord(rawValue: seen)
            change(&desired)
            let (exchanged, original) = word.weakCompareExchange(
                expected: seen, desired: desired.rawValue, ordering: .acquiringAndReleasing)
            if exchanged { return }
            seen = original
        }
    }

    private func join(_ shot: OneShot, until latest: Instant, _ now: Instant, _ core: inout Core) -> (Entry, Served) {
        if core.waiting.isEmpty, let entered = enter(evenWithWaiters: false) { return (.admitted(entered), Served()) }
        guard core.waiting.count < core.machine.configuration.maxQueued else { return (.queueFull, Served()) }
        let id = core.waiting.join(until: latest)
        core.shots[id] = shot
        word.bitwiseOr(AdmissionWord.waiters, ordering: .acquiringAndReleasing)
        // A permit that came back before the bit was set served nobody: look again.
        return (.waiting(id), serve(&core, now))
    }

    private func serve() {
        let now = timeSource.now()
        finish(core.withLock { serve(&$0, now) })
    }

    /// Drops who waited too long and lets in whom there is room for.
    private func serve(_ core: inout Core, _ now: Instant) -> Served {
        var served = Served()
        served.expired = core.waiting.expire(now).compactMap { core.shots.removeValue(forKey: $0) }
        while !core.waiting.isEmpty, enter(evenWithWaiters: true) != nil, let id = core.waiting.popFirst(),
            let shot = core.shots.removeValue(forKey: id)
        {
            served.granted.append(shot)
        }
        noteQueue(&core)
        return served
    }

    /// Tells those that left the queue; called with no lock held.
    private func finish(_ served: Served) {
        for shot in served.granted { shot.finish(.success(())) }
        for shot in served.expired { shot.finish(.failure(reject(.waitedTooLong))) }
    }

    /// Takes a waiting call out; nil when it has been served.
    private func leave(_ id: Int) -> OneShot? {
        core.withLock { core in
            guard core.waiting.leave(id) else { return nil }
            noteQueue(&core)
            return core.shots.removeValue(forKey: id)
        }
    }

    /// The waiters' bit is set exactly while somebody waits, and the timer for the first whose time is over; the lock is held.
    private func noteQueue(_ core: inout Core) {
        queueLength.store(core.waiting.count, ordering: .relaxed)
        if core.waiting.isEmpty { word.bitwiseAnd(~AdmissionWord.waiters, ordering: .acquiringAndReleasing) }
        core.timer.set(for: core.waiting.nextExpiry, timeSource) { [weak self] in
            self?.core.withLock { $0.timer.fired() }
            self?.serve()
        }
    }

    private func reject(_ reason: Rejection.Reason) -> Rejection {
        counts.add(.rejected)
        emit(.rejected(reason, retryAfter: nil))
        return Rejection(policy: name, kind: kind, reason: reason)
    }

    private func queueEvent(_ decision: PolicyEvent.Decision, _ core: inout Core) -> Bool {
        guard eventSource.hasSubscribers else { return false }
        core.pending.append(PolicyEvent(policy: name, kind: kind, at: timeSource.now(), decision: decision))
        return true
    }

    private func deliverEvents() {
        eventSource.deliver {
            core.withLock { core in
                let events = core.pending
                core.pending.removeAll()
                return events
            }
        }
    }
}
