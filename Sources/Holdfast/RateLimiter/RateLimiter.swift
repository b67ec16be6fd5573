import Synchronization

/// Limits how many calls may start per time.
///
/// Decided at entry: a call that could not get its permit within the smaller of `maxWait` and its deadline is refused at
/// once and uses nothing up. Waiting calls are served first in, first out.
///
/// ```swift
/// let quota = try RateLimiter("say", .perSecond(100, burst: 20))
/// try await quota.run { try await client.sayHi("kitty") }
/// ```
///
/// As long as nobody waits, token bucket, pacing and fixed window decide by one compare-and-swap (see ``QuotaCell``). A sliding
/// window, a warm-up and a limiter with keys decide under a lock; keys are spread over many locks, so that tasks on different
/// keys seldom meet.
public final class RateLimiter: Gate {
    private static let shardCount = 32

    /// The name that rejections and events carry.
    public let name: String
    /// ``PolicyKind/rateLimiter``.
    public var kind: PolicyKind { .rateLimiter }
    /// The clock the limiter reads.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()
    /// What calls are told apart by.
    public let key: Configuration.Key

    // Next to each other: whoever has the word's cache line to write to has the counter's too.
    private let cell = QuotaCell()
    private let counts = StripedCounters()
    private let mayQueue: Atomic<Bool>
    private let current: Locked<Configuration>
    private let shards: [QuotaShard]
    private let keyCount = Atomic(0)

    /// Makes a limiter all of whose permits are there.
    public init(_ name: String = "rateLimiter", _ configuration: Configuration, timeSource: TimeSource = .system) {
        self.name = name
        self.timeSource = timeSource
        let now = timeSource.now()
        let rules = QuotaRules(configuration, now: now)
        key = configuration.key
        mayQueue = Atomic(rules.mayQueue)
        current = Locked(configuration)
        let count = configuration.key == .none ? 1 : Self.shardCount
        shards = (0..<count).map { _ in QuotaShard(rules) }
        guard key == .none else { return }
        shards[0].state.withLock { state in
            let slot = state.table.insert("", RateLimiterStateMachine(rules, now: now))
            exclusively(&state, slot, now) { _ in }
        }
    }

    /// Runs `operation`, in the caller's isolation, once it has a permit.
    /// - Throws: ``Rejection`` when refused, `CancellationError` when the caller goes away while it waits, else what
    ///   `operation` throws.
    @inlinable
    public nonisolated(nonsending) func run<Value>(
        _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        if !takeAtOnce(1) { try await take(CallAttributes()) }
        return try await operation()
    }

    /// Runs `operation`, in the caller's isolation, once it has the permits that the call costs.
    /// - Parameters:
    ///   - attributes: who asks and for how many permits.
    ///   - operation: the work.
    /// - Throws: as ``Gate/run(attributes:_:)``.
    @inlinable
    public nonisolated(nonsending) func run<Value>(
        attributes: CallAttributes, _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        if !takeAtOnce(attributes.weight) { try await take(attributes) }
        return try await operation()
    }

    // MARK: Reading

    /// The settings in force; but ``key`` is as the limiter was made.
    public var configuration: Configuration { current.withLock { $0 } }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        var summary = configuration.algorithm.words
        switch key {
        case .none: break
        case .method: summary += ", for each method"
        case .peer: summary += ", for each peer"
        case .metadata(let name): summary += ", for each value of \"\(name)\""
        }
        if let warmUp = configuration.warmUp {
            summary += ", from \(Words.percent(warmUp.from)) of that rising over \(Words.time(warmUp.over)) when cold"
        }
        if mayQueue.load(ordering: .relaxed) {
            summary += "; up to \(configuration.maxQueued) wait for at most \(Words.time(configuration.maxWait))"
        }
        return summary
    }

    /// Permits that could be taken now, of the quota of calls without a key.
    public var available: Int { available(for: "") }

    /// Permits that could be taken now by calls of that key.
    public func available(for key: String) -> Int {
        let now = timeSource.now()
        return shard(key).state.withLock { state in
            guard let slot = state.table.find(key) else { return Quota(state.rules, now: now).available(now, state.rules) }
            return exclusively(&state, slot, now) { [rules = state.rules] in $0.available(now, rules) }
        }
    }

    /// Permits that a call with those attributes could take now.
    package func available(for attributes: CallAttributes) -> Int { available(for: value(of: attributes)) }

    /// How long a call with those attributes would wait that asked now and had all the time it needs; nil if its permits can never
    /// be there at once. Changes nothing.
    package func expectedWait(for attributes: CallAttributes) -> Duration? {
        let now = timeSource.now()
        let key = value(of: attributes)
        return shard(key).state.withLock { state in
            let rules = state.rules
            // A copy is asked, and given no time to wait, so that it says how long that would be.
            var machine = RateLimiterStateMachine(rules, now: now)
            if let slot = state.table.find(key) { machine = exclusively(&state, slot, now) { $0 } }
            guard case .rejected(_, let wait) = machine.acquire(attributes.weight, now, deadline: now, rules) else { return .zero }
            return wait
        }
    }

    /// Calls that wait for a permit now.
    public var queued: Int {
        shards.reduce(0) { $0 + $1.state.withLock { $0.waiting.count } }
    }

    /// Keys that are remembered now; 0 for a limiter that tells none apart.
    public var keys: Int { keyCount.load(ordering: .relaxed) }

    /// How many attempts were let through and refused.
    public var counters: PolicyCounters { counts.sums }

    /// Puts new settings in force; saved-up permits stay, as far as they fit, and waiting calls go on waiting.
    ///
    /// What calls are told apart by stays as the limiter was made: another ``Configuration/key`` needs another limiter.
    public func reconfigure(_ configuration: Configuration) {
        let now = timeSource.now()
        // One at a time, or two together could leave some keys under the rules of the one and some under those of the other.
        let waitedFor = current.withLock { current in
            current = configuration
            let rules = QuotaRules(configuration, now: now, replacing: shards[0].state.withLock { $0.rules })
            mayQueue.store(rules.mayQueue, ordering: .relaxed)
            return shards.map { reconfigure($0, rules, now) }
        }
        for (shard, slots) in zip(shards, waitedFor) {
            for slot in slots { serve(shard, slot) }
        }
        while keyCount.load(ordering: .relaxed) > configuration.maxKeys, makeRoom(now) {}
        emit(.reconfigured)
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public func admit(_ attempt: inout Attempt) -> Admission {
        if key == .none {
            switch cell.take(attempt.attributes.weight, &attempt) {
            case .taken:
                counts.add(.admitted)
                return .admitted(Ticket())
            case .short(let wait) where !mayQueue.load(ordering: .relaxed):
                return .rejected(reject(.quota, wait.map { .nanoseconds($0) }))
            case .short, .undecided: break
            }
            // Permits that the lock takes out of the others' reach may have been judged by a later reading than this attempt's.
            attempt.passTime()
        }
        switch decide(attempt, attempt.now(), nil) {
        case .admitted: return .admitted(Ticket())
        case .rejected(let rejection): return .rejected(rejection)
        case .mayWait, .waiting: return .mustWait
        }
    }

    /// Waits in the queue; see ``Gate``.
    public func waitForPermit(_ attempt: Attempt) async throws -> Ticket {
        let shot = OneShot()
        // Asked again under the lock: the queue may have changed since ``admit(_:)``.
        switch decide(attempt, timeSource.now(), shot) {
        case .rejected(let rejection): throw rejection
        case .admitted, .mayWait: return Ticket()
        case .waiting(let shard, let slot, let id):
            serve(shard, slot)
            try await withTaskCancellationHandler {
                try await shot.value()
            } onCancel: {
                cancel(shard, slot, id)
            }
            counts.add(.admitted)
            return Ticket()
        }
    }

    /// Nothing to take back: a quota is used up by starting. See ``Gate``.
    public func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {}

    // MARK: Shell

    /// What became of an attempt that the lock-free path did not let through.
    private enum Entry {
        case admitted
        case mayWait
        case waiting(QuotaShard, slot: Int, id: Int)
        case rejected(Rejection)
    }

    @usableFromInline
    func takeAtOnce(_ permits: Int) -> Bool {
        var attempt = Attempt(timeSource)
        guard key == .none, case .taken = cell.take(permits, &attempt) else { return false }
        counts.add(.admitted)
        return true
    }

    @usableFromInline
    nonisolated(nonsending) func take(_ attributes: CallAttributes) async throws {
        var attempt = Attempt(timeSource, deadline: Call.enclosing.deadline, attributes: attributes)
        switch admit(&attempt) {
        case .admitted: break
        case .rejected(let rejection): throw rejection
        case .mustWait: _ = try await waitForPermit(attempt)
        }
    }

    /// Decides under the lock; with `shot` given, one that may wait joins the queue.
    private func decide(_ attempt: Attempt, _ now: Instant, _ shot: OneShot?) -> Entry {
        let (permits, deadline) = (attempt.attributes.weight, attempt.deadline)
        let key = value(of: attempt.attributes)
        let shard = shard(key)
        repeat {
            let decided = shard.state.withLock { state -> (RateLimiterStateMachine.Decision, slot: Int, id: Int)? in
                guard let slot = slot(key, &state, now) else { return nil }
                let id = shot == nil ? 0 : state.nextID()
                let rules = state.rules
                let decision = exclusively(&state, slot, now) { machine in
                    let decision = machine.acquire(permits, now, deadline: deadline, rules)
                    if decision == .mayWait, shot != nil { machine.enqueue(id: id, permits, now, deadline: deadline, rules) }
                    return decision
                }
                if decision == .mayWait, let shot { state.waiting[id] = shot }
                return (decision, slot, id)
            }
            switch decided?.0 {
            case .admitted:
                counts.add(.admitted)
                return .admitted
            case .mayWait: return shot == nil ? .mayWait : .waiting(shard, slot: decided?.slot ?? 0, id: decided?.id ?? 0)
            case .rejected(let reason, let retryAfter): return .rejected(reject(reason, retryAfter))
            case nil: break
            }
        } while makeRoom(now)
        return .rejected(reject(.tooManyKeys, nil))
    }

    /// Puts new rules in force for one shard; gives the slots in which somebody waits.
    private func reconfigure(_ shard: QuotaShard, _ rules: QuotaRules, _ now: Instant) -> [Int] {
        shard.state.withLock { state in
            let old = state.rules
            for slot in state.table.inUse {
                exclusively(&state, slot, now, rules) { $0.reconfigure(from: old, to: rules, now) }
            }
            state.rules = rules
            return Array(state.timers.keys)
        }
    }

    private func reject(_ reason: Rejection.Reason, _ retryAfter: Duration?) -> Rejection {
        counts.add(.rejected)
        emit(.rejected(reason, retryAfter: retryAfter))
        return Rejection(policy: name, kind: kind, reason: reason, retryAfter: retryAfter)
    }

    private func cancel(_ shard: QuotaShard, _ slot: Int, _ id: Int) {
        // Whose turn has come by now is served first, however late the timer: nobody loses a turn to somebody else's leaving.
        serve(shard, slot)
        let now = timeSource.now()
        let shot = shard.state.withLock { state in
            exclusively(&state, slot, now) { [rules = state.rules] in _ = $0.cancel(id, now, rules) }
            return state.waiting.removeValue(forKey: id)
        }
        shot?.finish(.failure(CancellationError()))
        serve(shard, slot)
    }

    /// Lets everybody leave the queue whose turn it is, then sets the timer for the next.
    private func serve(_ shard: QuotaShard, _ slot: Int) {
        let now = timeSource.now()
        let (granted, expired) = shard.state.withLock { state in
            let served = exclusively(&state, slot, now) { [rules = state.rules] in $0.serve(now, rules) }
            armTimer(shard, slot, &state)
            return (
                served.granted.compactMap { state.waiting.removeValue(forKey: $0) },
                served.expired.compactMap { state.waiting.removeValue(forKey: $0) }
            )
        }
        for shot in granted { shot.finish(.success(())) }
        for shot in expired { shot.finish(.failure(reject(.waitedTooLong, nil))) }
    }

    private func armTimer(_ shard: QuotaShard, _ slot: Int, _ state: inout QuotaShard.State) {
        let next = state.table[slot].nextService()
        guard next != state.timers[slot]?.at else { return }
        state.timers.removeValue(forKey: slot)?.handle.cancel()
        guard let next else { return }
        let handle = timeSource.schedule(at: next) { [weak self] in
            shard.state.withLock { state in
                if state.timers[slot]?.at == next { state.timers[slot] = nil }
            }
            self?.serve(shard, slot)
        }
        state.timers[slot] = (handle, next)
    }

    /// Decides about a slot with the permits out of the lock-free path's reach; it has them back afterwards if nobody waits.
    private func exclusively<Result>(
        _ state: inout QuotaShard.State, _ slot: Int, _ now: Instant, _ newRules: QuotaRules? = nil,
        _ decide: (inout RateLimiterStateMachine) -> Result
    ) -> Result {
        guard key == .none else { return decide(&state.table[slot]) }
        if let (frame, offset) = cell.withdraw() { state.table[slot].adopt(frame, offset: offset, now) }
        let result = decide(&state.table[slot])
        if state.table[slot].queued == 0, let image = state.table[slot].quota.image(newRules ?? state.rules, last: state.frame) {
            state.frame = image.0
            cell.publish(image.0, offset: image.offset)
        }
        return result
    }

    // MARK: Keys

    private func value(of attributes: CallAttributes) -> String {
        switch key {
        case .none: ""
        case .method: attributes.method ?? ""
        case .peer: attributes.peer ?? ""
        case .metadata(let name): attributes.metadata[name] ?? ""
        }
    }

    private func shard(_ key: String) -> QuotaShard {
        shards.count == 1 ? shards[0] : shards[Int(UInt(bitPattern: key.hashValue) % UInt(shards.count))]
    }

    /// The slot of a key; nil if it is new and there is no room for it.
    private func slot(_ key: String, _ state: inout QuotaShard.State, _ now: Instant) -> Int? {
        // Before it is looked up: a slot that was just found idle must not be given away under the call.
        if self.key != .none { forgotten(state.table.forgetIdle(now, state.rules)) }
        if let slot = state.table.use(key) { return slot }
        guard reserveKey(state.rules.maxKeys) || state.table.forgetOne(now, state.rules) else { return nil }
        return state.table.insert(key, RateLimiterStateMachine(state.rules, now: now))
    }

    private func reserveKey(_ limit: Int) -> Bool {
        var count = keyCount.load(ordering: .relaxed)
        while count < limit {
            let (done, current) = keyCount.compareExchange(expected: count, desired: count + 1, ordering: .relaxed)
            if done { return true }
            count = current
        }
        return false
    }

    private func forgotten(_ count: Int) {
        if count > 0 { keyCount.wrappingSubtract(count, ordering: .relaxed) }
    }

    /// Forgets a key of any shard; false if none may be forgotten.
    private func makeRoom(_ now: Instant) -> Bool {
        for shard in shards where shard.state.withLock({ $0.table.forgetOne(now, $0.rules) }) {
            forgotten(1)
            return true
        }
        return false
    }
}
