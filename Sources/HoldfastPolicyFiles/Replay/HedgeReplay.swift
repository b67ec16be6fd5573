import Holdfast

/// Drives a hedge: calls begin, the hedge starts attempts beside them, and attempts end as the trace says.
final class HedgeReplay: Replay {
    private struct Call {
        var task: Task<Void, Never>?
        /// The attempts under way.
        var running: [Int: OneShot] = [:]
        var started = 0
    }

    private struct State {
        var calls: [String: Call] = [:]
        /// Calls that ended since the step before.
        var ended: [JSONText] = []
    }

    private let hedge: Hedge
    private let clock: ReplayClock
    private let events: PolicyEvents
    private let state = Locked(State())

    init(_ hedge: Hedge, _ clock: ReplayClock) {
        self.hedge = hedge
        self.clock = clock
        events = PolicyEvents([hedge.eventSource], capacity: 1_000_000)
    }

    func perform(_ event: TraceEvent, into line: inout ReplayLine) {
        switch event {
        case .start(let call): start(call)
        case .end(let name, let attempt, let result, _):
            line.add("settled", end(name, attempt, result))
        case .drop(let name):
            let task = state.withLock { $0.calls[name]?.task }
            task?.cancel()
            line.add("settled", task != nil)
        case .reconfigure(.hedge(let configuration)):
            hedge.reconfigure(configuration)
        default: break
        }
    }

    func report(into line: inout ReplayLine) {
        let (calls, ended) = state.withLock { state in
            defer { state.ended.removeAll() }
            return (state.calls, state.ended)
        }
        line.add("attemptsInFlight", calls.values.reduce(0) { $0 + $1.running.count })
        line.add("delay", hedge.delay)
        let open = calls.sorted { $0.key < $1.key }.map { name, call in
            JSONText.object([
                ("name", .string(name)), ("started", .integer(call.started)),
                ("running", .array(call.running.keys.sorted().map { .integer($0) })),
            ])
        }
        line.add("calls", .array(open))
        line.add("ended", .array(ended))
        line.add(hedge.counters, events.takeBuffered())
    }

    func finish() {
        let tasks = state.withLock { $0.calls.values.compactMap(\.task) }
        for task in tasks { task.cancel() }
    }

    private func start(_ call: TraceCall) {
        guard let name = call.name else { return }
        state.withLock { $0.calls[name] = Call() }
        let deadline = call.deadline.map { clock.now().advanced(by: $0) }
        let task = Task(executorPreference: clock) { [self] in
            do {
                let winner = try await hedge.run(deadline: deadline, attributes: call.attributes) { attempt in
                    try await run(attempt.number, of: name)
                }
                note(name, "answered", attempt: winner)
            } catch is CancellationError {
                note(name, "cancelled", attempt: nil)
            } catch {
                note(name, "failed", attempt: nil, "\(error)")
            }
        }
        clock.runReadyJobs()
        state.withLock { $0.calls[name]?.task = task }
    }

    /// One attempt: it ends when the trace says so, or when it is cancelled.
    private func run(_ number: Int, of name: String) async throws -> Int {
        let end = OneShot()
        state.withLock { state in
            state.calls[name]?.running[number] = end
            state.calls[name]?.started += 1
        }
        defer { _ = state.withLock { $0.calls[name]?.running.removeValue(forKey: number) } }
        try await withTaskCancellationHandler {
            try await end.value()
        } onCancel: {
            end.finish(.failure(CancellationError()))
        }
        return number
    }

    /// Without a number, the attempt that started first of those under way.
    private func end(_ name: String, _ number: Int?, _ result: TraceResult) -> Bool {
        let attempt = state.withLock { state in
            let running = state.calls[name]?.running ?? [:]
            return (number ?? running.keys.min()).flatMap { running[$0] }
        }
        attempt?.finish(result.error.map { .failure($0) } ?? .success(()))
        return attempt != nil
    }

    private func note(_ name: String, _ outcome: String, attempt: Int?, _ failure: String? = nil) {
        let ended = JSONText.object([
            ("name", .string(name)), ("at", .milliseconds(clock.now())), ("outcome", .string(outcome)),
            ("attempt", .integer(attempt)), ("failure", .string(failure)),
        ])
        state.withLock { state in
            state.ended.append(ended)
            state.calls[name] = nil
        }
    }
}
