import Holdfast
import HoldfastRPC

/// Offers one load to its clients. In an open loop every call starts at its time, whatever became of the earlier ones; in a closed one
/// each user waits for the answer to its last.
final class LoadGenerator: Sendable {
    /// How much later than its deadline a main-path answer may be seen here before it counts as late: what the caller's own
    /// scheduling takes after the answer is in.
    private static let lateBy: Int64 = 100_000_000

    /// How long a user of a closed loop waits who does not think and whose call took no time at all, which happens in virtual time only.
    /// Such a user would call again at the same moment for ever, and the run would never come to its end.
    private static let shortestRound = Duration.milliseconds(1)

    /// A call that is yet to be made.
    private struct Intent {
        let index: Int
        /// When it is meant to start.
        let start: Int64
    }

    private struct State {
        /// The calls in flight, and those that wait for one of them to end.
        var flight: WorkQueue<Intent>
        /// Users of a closed loop who have not gone home yet.
        var users = 0
        var offered = 0
        /// When the calls that have not ended were meant to start, by their index.
        var pending: [Int: Int64] = [:]
        /// Nobody is to make a call any more.
        var isStopped = false
    }

    private let load: LoadSpec
    private let target: any LoadTarget
    private let seed: UInt64
    private let start: Instant
    private let timeSource: TimeSource
    private let safety: SafetyWatch?
    private let isWrite: @Sendable () -> Bool
    private let record: @Sendable (CallRecord) -> Void
    private let state: Locked<State>

    /// - Parameters:
    ///   - target: what is called.
    ///   - start: the start of the run; intended starts count from it.
    ///   - safety: counts the calls that begin; nil for a load that no limit is set to.
    ///   - isWrite: whether it matters that a call was perhaps made, though nobody answered; asked of those that ran out of time.
    ///   - record: takes every call's end, from any thread.
    init(
        _ load: LoadSpec, _ target: any LoadTarget, seed: UInt64, start: Instant, _ timeSource: TimeSource,
        safety: SafetyWatch? = nil, isWrite: @escaping @Sendable () -> Bool = { false }, record: @escaping @Sendable (CallRecord) -> Void
    ) {
        self.load = load
        self.target = target
        self.seed = seed
        self.start = start
        self.timeSource = timeSource
        self.safety = safety
        self.isWrite = isWrite
        self.record = record
        state = Locked(
            State(flight: WorkQueue(workers: load.maxOutstanding, QueueSpec(limit: load.whenFull == .drop ? 0 : nil))))
    }

    /// Makes every call of the load at its time, until the end of the run.
    /// - Returns: how many calls it offered, those it had to drop included.
    func offer(until end: Duration) async throws -> Int {
        switch load.arrival {
        case .open(let process, let rate):
            try await follow(ArrivalSchedule(process, rate: rate, end: end, seed: seed, load: load.name))
        case .trace(let times):
            try await follow(times.lazy.map(\.nanoseconds))
        case .closed(let users, let think):
            try await keep(users, think, until: end)
        }
        return state.withLock { $0.offered }
    }

    /// How many calls of an open loop are under way, or wait for one of those to end.
    var underWay: Int { state.withLock { $0.flight.working + $0.flight.waiting } }

    /// The calls of `phase` that have been under way for longer than `time`, as they stand: without an answer.
    func overdue(in phase: Phase, after time: Duration) -> [CallRecord] {
        let now = elapsed
        let pending = state.withLock { $0.pending }
        return pending.sorted { $0.key < $1.key }.compactMap { index, intended in
            guard (phase.start.nanoseconds..<phase.end.nanoseconds).contains(intended), now - intended > time.nanoseconds else {
                return nil
            }
            return CallRecord(
                load: load.name, index: index, intendedStart: intended, started: intended, ended: now, outcome: .timeout, attempts: 1)
        }
    }

    /// Waits until every call has ended. All of them have deadlines.
    func drain() async {
        while state.withLock({ $0.flight.working + $0.flight.waiting + $0.users }) > 0 {
            await Pause.uncancellable(.milliseconds(10), timeSource)
        }
    }

    // MARK: Open loop

    private func follow(_ times: some Sequence<Int64>) async throws {
        for time in times {
            try await timeSource.sleep(until: start.advanced(byNanoseconds: time))
            arrive(at: time)
        }
    }

    private func arrive(at time: Int64) {
        let (intent, arrival) = state.withLock { state in
            let intent = Intent(index: state.offered, start: time)
            state.offered += 1
            let arrival = state.flight.arrive(intent)
            if arrival != .refused { state.pending[intent.index] = time }
            return (intent, arrival)
        }
        switch arrival {
        case .started: begin(intent)
        case .waiting: break
        case .refused:
            record(
                CallRecord(
                    load: load.name, index: intent.index, intendedStart: time, started: time, ended: time, outcome: .loadDropped,
                    attempts: 0))
        }
    }

    private func begin(_ intent: Intent) {
        // Not a task group: it slows down with the number of children alive at once.
        Task(executorPreference: timeSource.taskExecutor) { [self] in
            var next: Intent? = intent
            while let intent = next {
                record(await call(intent))
                next = state.withLock { state in
                    state.pending[intent.index] = nil
                    return state.flight.finish()
                }
            }
        }
    }

    // MARK: Closed loop

    private func keep(_ users: Int, _ think: ServiceTime, until end: Duration) async throws {
        state.withLock { $0.users = users }
        defer { state.withLock { $0.isStopped = true } }
        for user in 0..<users {
            Task(executorPreference: timeSource.taskExecutor) { [self] in
                await live(user, think, until: start + end)
                state.withLock { $0.users -= 1 }
            }
        }
        try await timeSource.sleep(until: start + end)
    }

    /// Calls, pauses, calls again; comes at some time within the first pause, so that users do not come together.
    private func live(_ user: Int, _ think: ServiceTime, until end: Instant) async {
        let random = KeyedRandom(seed: seed).keyed("users").keyed(load.name).keyed(user)
        let arrival = random.uniform * think.sample(using: random.sequence).seconds
        var next = start + .nanoseconds(Int64(saturating: arrival * 1e9))
        var round = 0
        while next < end, (try? await timeSource.sleep(until: next)) != nil {
            let begun = timeSource.now()
            let intent: Intent? = state.withLock { state in
                guard !state.isStopped else { return nil }
                defer { state.offered += 1 }
                let intent = Intent(index: state.offered, start: start.duration(to: begun).nanoseconds)
                state.pending[intent.index] = intent.start
                return intent
            }
            guard let intent else { return }
            record(await call(intent))
            state.withLock { $0.pending[intent.index] = nil }
            round += 1
            next = timeSource.now() + think.sample(using: random.keyed(round).sequence)
            if next == begun { next = begun + Self.shortestRound }
            // A call that is refused at once suspends nobody, and neither does a pause of no length: what ends the run must get its turn.
            await Task.yield()
        }
    }

    // MARK: A call

    private nonisolated(nonsending) func call(_ intent: Intent) async -> CallRecord {
        safety?.countCall()
        let started = elapsed
        let deadline = intent.start + load.deadline.nanoseconds
        var options = CallOptions(deadline: start.advanced(byNanoseconds: deadline))
        options.criticality = load.criticality
        options.metadata = load.metadata
        options.metadata.add(load.name, for: ChaosMetadata.load)
        options.metadata.add(String(intent.index), for: ChaosMetadata.call)
        let attempts = AttemptCounter()
        options.attempts = attempts
        var hasWrongData = false
        let outcome: CallOutcome
        do {
            let answer = try await target.call(intent.index, options)
            hasWrongData = answer.hasWrongData
            outcome = answer.fallbackStep.map { .fallback(step: $0) } ?? .success
        } catch {
            let end = CallOutcome(of: error)
            // What was never sent was not done. Of the rest nobody knows.
            outcome = end == .timeout && attempts.count > 0 && isWrite() ? .indeterminate : end
        }
        let ended = elapsed
        return CallRecord(
            load: load.name, index: intent.index, intendedStart: intent.start, started: started, ended: ended, outcome: outcome,
            attempts: attempts.count, hedges: attempts.hedges, begun: attempts.begun, resends: attempts.resends,
            hasWrongData: hasWrongData,
            isAnsweredLate: outcome == .success && ended > deadline + Self.lateBy)
    }

    private var elapsed: Int64 {
        start.duration(to: timeSource.now()).nanoseconds
    }
}

extension CallOutcome {
    /// How a call ended that gave no answer.
    init(of error: any Error) {
        switch error {
        case let rejection as Rejection: self = .rejected(kind: rejection.kind.rawValue)
        case is TimeoutError: self = .timeout
        // The connection ends at its deadline what no policy ends, which is a call without a route, or a stream.
        case let error as RPCError where error.code == .deadlineExceeded && error.origin == .local: self = .timeout
        case is CancellationError: self = .cancelled
        case let error as FallbackError: self.init(of: error.failure)
        case let status as any StatusError: self = .error(status.code)
        default: self = .error(.unknown)
        }
    }
}
