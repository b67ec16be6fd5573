import Holdfast
import HoldfastRPC
import Synchronization

/// Offers one load to a client in an open loop: every call starts at its time, whatever became of the earlier ones.
final class LoadGenerator: Sendable {
    /// How much later than its deadline a main-path answer may be seen here before it counts as late: what the caller's own
    /// scheduling takes after the answer is in.
    private static let lateBy: Int64 = 100_000_000

    private let load: LoadSpec
    private let messages: MessageCache
    private let clients: [RPCClient]
    private let random: KeyedRandom
    private let start: Instant
    private let timeSource: TimeSource
    private let record: @Sendable (CallRecord) -> Void
    private let outstanding = Atomic(0)

    /// - Parameters:
    ///   - clients: each call is one's of them, drawn by lot.
    ///   - start: the start of the run; intended starts count from it.
    ///   - record: takes every call's end, from any thread.
    init(
        _ load: LoadSpec, method: DemoMethod, clients: [RPCClient], seed: UInt64, start: Instant, _ timeSource: TimeSource,
        record: @escaping @Sendable (CallRecord) -> Void
    ) {
        self.load = load
        self.clients = clients
        self.start = start
        self.timeSource = timeSource
        messages = MessageCache(method)
        random = KeyedRandom(seed: seed).keyed("clients").keyed(load.name)
        self.record = record
    }

    /// Calls under way.
    var inFlight: Int { outstanding.load(ordering: .relaxed) }

    /// Starts every call of the schedule at its time.
    /// - Returns: how many calls it offered, those it had to drop included.
    func offer(_ schedule: ArrivalSchedule) async throws -> Int {
        var index = 0
        for intended in schedule {
            try await timeSource.sleep(until: start.advanced(byNanoseconds: intended))
            begin(index, intended)
            index += 1
        }
        return index
    }

    /// Waits until every call has ended. All of them have deadlines.
    func drain() async {
        while inFlight > 0 { await Pause.uncancellable(.milliseconds(10), timeSource) }
    }

    private func begin(_ index: Int, _ intended: Int64) {
        guard inFlight < load.maxOutstanding else {
            return record(
                CallRecord(
                    load: load.name, index: index, intendedStart: intended, started: intended, ended: intended,
                    outcome: .loadDropped, attempts: 0))
        }
        outstanding.add(1, ordering: .relaxed)
        // Not a task group: it slows down with the number of children alive at once.
        Task(executorPreference: timeSource.taskExecutor) { [self] in
            record(await call(index, intended))
            outstanding.subtract(1, ordering: .relaxed)
        }
    }

    private func call(_ index: Int, _ intended: Int64) async -> CallRecord {
        let started = elapsed
        let deadline = intended + load.deadline.nanoseconds
        var options = CallOptions(deadline: start.advanced(byNanoseconds: deadline))
        options.metadata = [ChaosMetadata.load: load.name, ChaosMetadata.call: String(index)]
        let attempts = AttemptCounter()
        options.attempts = attempts
        var hasWrongData = false
        let outcome: CallOutcome
        do {
            let request = try messages.request(load.request.json(index: index))
            let response = try await client(of: index).unary(path: "/\(load.method)", request, options: options)
            // A fixed value makes no claim about the request; everything else does.
            hasWrongData = response.fallbackStep != "value" && !messages.belongs(response.message, to: request)
            outcome = response.fallbackStep.map { .fallback(step: $0) } ?? .success
        } catch {
            outcome = CallOutcome(of: error)
        }
        let ended = elapsed
        return CallRecord(
            load: load.name, index: index, intendedStart: intended, started: started, ended: ended, outcome: outcome,
            attempts: attempts.count, hasWrongData: hasWrongData,
            isAnsweredLate: outcome == .success && ended > deadline + Self.lateBy)
    }

    /// Independent draws make of one Poisson stream as many as there are clients.
    private func client(of index: Int) -> RPCClient {
        guard clients.count > 1 else { return clients[0] }
        return clients[min(Int(random.keyed(index).uniform * Double(clients.count)), clients.count - 1)]
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
        case is CancellationError: self = .cancelled
        case let error as FallbackError: self.init(of: error.failure)
        case let status as any StatusError: self = .error(status.code)
        default: self = .error(.unknown)
        }
    }
}
