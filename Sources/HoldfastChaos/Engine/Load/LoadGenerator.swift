import Holdfast
import HoldfastRPC
import Synchronization

/// Offers one load to a client in an open loop: every call starts at its time, whatever became of the earlier ones.
final class LoadGenerator: Sendable {
    /// How much later than its deadline a main-path answer may be seen here before it counts as late: what the caller's own
    /// scheduling takes after the answer is in.
    private static let lateBy: Int64 = 100_000_000

    private let load: LoadSpec
    private let method: DemoMethod
    private let client: RPCClient
    private let start: Instant
    private let record: @Sendable (CallRecord) -> Void
    private let outstanding = Atomic(0)

    /// - Parameters:
    ///   - start: the start of the run; intended starts count from it.
    ///   - record: takes every call's end, from any thread.
    init(
        _ load: LoadSpec, method: DemoMethod, client: RPCClient, start: Instant, record: @escaping @Sendable (CallRecord) -> Void
    ) {
        self.load = load
        self.method = method
        self.client = client
        self.start = start
        self.record = record
    }

    /// Calls under way.
    var inFlight: Int { outstanding.load(ordering: .relaxed) }

    /// Starts every call of the schedule at its time.
    /// - Returns: how many calls it offered, those it had to drop included.
    func offer(_ schedule: ArrivalSchedule) async throws -> Int {
        var index = 0
        for intended in schedule {
            try await TimeSource.system.sleep(until: start.advanced(byNanoseconds: intended))
            begin(index, intended)
            index += 1
        }
        return index
    }

    /// Waits until every call has ended. All of them have deadlines.
    func drain() async {
        while inFlight > 0 { await Pause.uncancellable(.milliseconds(10)) }
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
        Task { [self] in
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
            let request = try method.encodeRequest(load.request.json(index: index))
            let response = try await client.unary(path: "/\(load.method)", request, options: options)
            // A fixed value makes no claim about the request; everything else does.
            hasWrongData = response.fallbackStep != "value" && !method.answerBelongs(request, response.message)
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

    private var elapsed: Int64 {
        start.duration(to: TimeSource.system.now()).nanoseconds
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
