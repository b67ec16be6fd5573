import Holdfast

/// Drives a retry: calls begin, attempts end, and the retry says what follows.
final class RetryReplay: Replay {
    private struct Call {
        var progress: Retry.Progress
        let attributes: CallAttributes
        let deadline: Instant?
    }

    private let retry: Retry
    private let clock: ReplayClock
    private let random: RandomSource
    private let events: PolicyEvents
    private let calls = Locked<[String: Call]>([:])

    init(_ retry: Retry, _ clock: ReplayClock, _ random: RandomSource) {
        self.retry = retry
        self.clock = clock
        self.random = random
        events = PolicyEvents([retry.eventSource], capacity: 1_000_000)
    }

    func perform(_ event: TraceEvent, into line: inout ReplayLine) {
        switch event {
        case .start(let call): start(call)
        case .end(let name, _, let result, let enclosingWillAct): end(name, result, enclosingWillAct, into: &line)
        case .drop(let name):
            line.add("settled", calls.withLock { $0.removeValue(forKey: name) } != nil)
        case .delay(let number, let previous):
            line.add(retry.configuration.backoff, retry: number, previous: previous, random)
        case .reconfigure(.retry(let configuration)):
            retry.reconfigure(configuration)
        default: break
        }
    }

    func report(into line: inout ReplayLine) {
        line.add("balance", retry.budget.balance)
        line.add(retry.counters, events.takeBuffered())
    }

    private func start(_ call: TraceCall) {
        guard let name = call.name else { return }
        let deadline = call.deadline.map { clock.now().advanced(by: $0) }
        var attempt = Attempt(clock.timeSource, deadline: deadline, attributes: call.attributes)
        retry.begin(&attempt)
        calls.withLock { $0[name] = Call(progress: retry.newProgress, attributes: call.attributes, deadline: deadline) }
    }

    private func end(_ name: String, _ result: TraceResult, _ enclosingWillAct: Bool, into line: inout ReplayLine) {
        guard var call = calls.withLock({ $0[name] }) else { return line.add("settled", false) }
        var attempt = Attempt(clock.timeSource, deadline: call.deadline, attributes: call.attributes)
        var decision = Retry.Decision.stop
        if let failure = result.error {
            decision = retry.decide(&call.progress, failure, enclosingWillAct: enclosingWillAct, &attempt)
        } else {
            retry.succeeded(&attempt)
        }
        line.add("settled", true)
        switch decision {
        case .again(let wait):
            calls.withLock { $0[name] = call }
            line.add("decision", "again")
            line.add("wait", wait)
        case .stop:
            _ = calls.withLock { $0.removeValue(forKey: name) }
            line.add("decision", result.error == nil ? "done" : "stop")
            line.add("wait", Duration?.none)
        }
        line.add("attempts", call.progress.attempts)
    }
}

extension TraceResult {
    /// What an attempt that ended so throws; nil if it returns.
    var error: (any Error)? {
        switch self {
        case .judged(.success): nil
        case .judged(.failure): TraceFailure(code: .unavailable)
        case .judged(.ignored): TraceFailure(code: .aborted)
        case .judged(.cancelled), .superseded: CancellationError()
        case .failed(let failure): failure.error
        }
    }
}
