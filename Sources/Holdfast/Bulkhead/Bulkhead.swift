import Synchronization

/// Limits how many calls run at once.
///
/// ```swift
/// let bulkhead = Bulkhead("say", try .init(maxConcurrent: 64, maxQueued: 32, maxWait: .milliseconds(50)))
/// try await bulkhead.run { try await client.sayHi("kitty") }
/// ```
///
/// Getting in and out costs one atomic operation each, on one word, as long as nobody waits (see ``BulkheadWord``); the lock is
/// for the queue. A permit is given back when the work has really ended, not when its caller stopped waiting for it.
public final class Bulkhead: Gate {
    private struct Core {
        var machine: BulkheadStateMachine
        var waiting: [Int: OneShot] = [:]
        var timer = MovableTimer()
    }

    /// The name that rejections and events carry.
    public let name: String
    /// ``PolicyKind/bulkhead``.
    public var kind: PolicyKind { .bulkhead }
    /// The clock that waiting goes by.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    let word: Atomic<UInt64>
    private let mayQueue: Atomic<Bool>
    private let admittedBefore = Counter()
    private let rejected = Counter()
    private let core: Locked<Core>

    /// Makes a bulkhead that nobody is in.
    public init(_ name: String = "bulkhead", _ configuration: Configuration, timeSource: TimeSource = .system) {
        self.name = name
        self.timeSource = timeSource
        let machine = BulkheadStateMachine(configuration)
        word = Atomic(BulkheadWord(limit: configuration.maxConcurrent).rawValue)
        mayQueue = Atomic(machine.mayQueue)
        core = Locked(Core(machine: machine))
    }

    // MARK: Around a call

    /// Runs `operation`, in the caller's isolation, once there is room for it.
    /// - Throws: ``Rejection`` when refused, `CancellationError` when the caller goes away while it waits, else what
    ///   `operation` throws.
    @inlinable
    public nonisolated(nonsending) func run<Value>(
        _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        if !enterAtOnce() {
            var attempt = Attempt(timeSource, deadline: Call.enclosing.deadline)
            switch admit(&attempt) {
            case .admitted: break
            case .rejected(let rejection): throw rejection
            case .mustWait: _ = try await waitForPermit(attempt)
            }
        }
        defer { leave() }
        return try await operation()
    }

    // MARK: Reading

    /// The settings in force.
    public var configuration: Configuration { core.withLock { $0.machine.configuration } }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        var summary = "lets \(Words.count(configuration.maxConcurrent, "call")) run at once"
        if configuration.maxQueued > 0, configuration.maxWait > .zero {
            summary += "; up to \(configuration.maxQueued) wait for at most \(Words.time(configuration.maxWait))"
            if configuration.order == .adaptiveLifo { summary += ", the newest first under congestion" }
        }
        return summary
    }

    /// How many calls run now.
    public var running: Int { state.running }

    /// How many more could start now.
    public var available: Int {
        let state = state
        return state.isWaitedFor ? 0 : max(state.limit - state.running, 0)
    }

    /// How many calls wait now.
    public var queued: Int { core.withLock { $0.machine.queued } }

    /// How many attempts were let through and refused.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        // Under the lock, because the two numbers are moved from one to the other under it.
        counters.admitted = core.withLock { _ in admittedBefore.value + state.admitted }
        counters.rejected = rejected.value
        return counters
    }

    /// Puts new settings in force. A larger limit lets waiting calls in at once; a smaller one lets those that run end in peace.
    public func reconfigure(_ configuration: Configuration) {
        core.withLock { core in
            core.machine.reconfigure(configuration)
            mayQueue.store(core.machine.mayQueue, ordering: .relaxed)
            change { $0.limited(to: configuration.maxConcurrent) }
        }
        serve()
        emit(.reconfigured)
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public func admit(_ attempt: inout Attempt) -> Admission {
        if enterAtOnce() { return .admitted(Ticket()) }
        guard mayQueue.load(ordering: .relaxed) else {
            return enterIfRoom() ? .admitted(Ticket()) : .rejected(reject(.full))
        }
        let (now, deadline) = (attempt.now(), attempt.deadline)
        let decision = core.withLock { core -> BulkheadStateMachine.Decision? in
            enter(&core) ? nil : core.machine.decide(now, deadline: deadline)
        }
        switch decision {
        case nil: return .admitted(Ticket())
        case .mayWait: return .mustWait
        case .rejected(let reason): return .rejected(reject(reason))
        }
    }

    /// Waits in the queue; see ``Gate``.
    public func waitForPermit(_ attempt: Attempt) async throws -> Ticket {
        let (now, deadline) = (timeSource.now(), attempt.deadline)
        let shot = OneShot()
        // Asked again under the lock: there may be room since ``admit(_:)``.
        let (decision, id) = core.withLock { core -> (BulkheadStateMachine.Decision?, Int) in
            while true {
                if enter(&core) { return (nil, 0) }
                let decision = core.machine.decide(now, deadline: deadline)
                guard decision == .mayWait else { return (decision, 0) }
                // Behind others it joins even if there is room: whoever has just left is about to let the first one in.
                guard core.machine.queued > 0 || markWaitedFor() else { continue }
                let id = core.machine.enqueue(now, deadline: deadline)
                core.waiting[id] = shot
                armTimer(&core)
                return (decision, id)
            }
        }
        if case .rejected(let reason) = decision { throw reject(reason) }
        guard decision != nil else { return Ticket() }
        try await withTaskCancellationHandler {
            try await shot.value()
        } onCancel: {
            cancel(id)
        }
        return Ticket()
    }

    /// Gives the permit back; see ``Gate``.
    public func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        leave()
    }

    // MARK: The word

    private var state: BulkheadWord { BulkheadWord(word.load(ordering: .relaxed)) }

    /// Lets a call in if there is room and nobody waits.
    @usableFromInline
    func enterAtOnce() -> Bool {
        var current = word.load(ordering: .relaxed)
        while true {
            let state = BulkheadWord(current)
            guard !state.needsLock, state.hasRoom else { return false }
            let (entered, actual) = word.compareExchange(
                expected: current, desired: state.entered.rawValue, successOrdering: .acquiring, failureOrdering: .relaxed)
            if entered { return true }
            current = actual
        }
    }

    /// Lets a call out, and the next one in if somebody waits.
    @usableFromInline
    func leave() {
        let before = word.wrappingSubtract(BulkheadWord.oneLeaving, ordering: .releasing).oldValue
        if BulkheadWord(before).isWaitedFor { serve() }
    }

    /// Lets a call in if there is room after all: ``enterAtOnce()`` also fails when the word must be written down first, and by now
    /// another call may have done that.
    private func enterIfRoom() -> Bool {
        state.hasRoom && core.withLock { enter(&$0) }
    }

    /// Lets a call in, under the lock, if there is room and nobody waits.
    private func enter(_ core: inout Core) -> Bool {
        guard core.machine.queued == 0 else { return false }
        return takeRoom()
    }

    /// Takes a permit, under the lock, whether or not somebody waits.
    private func takeRoom() -> Bool {
        change { $0.hasRoom ? $0.entered : nil }
    }

    /// Says that somebody waits; false if there is room now.
    private func markWaitedFor() -> Bool {
        change { $0.hasRoom ? nil : $0.waitedFor(true) }
    }

    /// Changes the word, under the lock; false if `step` gives nothing to change it to.
    @discardableResult
    private func change(_ step: (BulkheadWord) -> BulkheadWord?) -> Bool {
        var current = word.load(ordering: .relaxed)
        while true {
            let state = BulkheadWord(current)
            guard let next = step(state.folded) else { return false }
            let (changed, actual) = word.compareExchange(
                expected: current, desired: next.rawValue, successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
            if changed {
                admittedBefore.add(state.admitted)
                return true
            }
            current = actual
        }
    }

    // MARK: The queue

    private func reject(_ reason: Rejection.Reason) -> Rejection {
        rejected.add()
        emit(.rejected(reason, retryAfter: nil))
        return Rejection(policy: name, kind: kind, reason: reason)
    }

    private func cancel(_ id: Int) {
        let shot = core.withLock { core in
            if core.machine.cancel(id) { finishServing(&core) }
            return core.waiting.removeValue(forKey: id)
        }
        shot?.finish(.failure(CancellationError()))
    }

    /// Drops who waited too long and lets in whom there is room for.
    private func serve() {
        let now = timeSource.now()
        let (granted, expired) = core.withLock { core in
            let expired = core.machine.expire(now).compactMap { core.waiting.removeValue(forKey: $0) }
            var granted: [OneShot] = []
            while core.machine.queued > 0, takeRoom() {
                if let id = core.machine.next(now), let shot = core.waiting.removeValue(forKey: id) { granted.append(shot) }
            }
            finishServing(&core)
            return (granted, expired)
        }
        for shot in granted { shot.finish(.success(())) }
        for shot in expired { shot.finish(.failure(reject(.waitedTooLong))) }
    }

    private func finishServing(_ core: inout Core) {
        if core.machine.queued == 0 { change { $0.waitedFor(false) } }
        armTimer(&core)
    }

    private func armTimer(_ core: inout Core) {
        core.timer.set(for: core.machine.nextExpiry, timeSource) { [weak self] in
            self?.core.withLock { $0.timer.fired() }
            self?.serve()
        }
    }
}
