import Holdfast

/// The settings of a window of outcomes by itself.
struct TraceWindow: Sendable {
    var window: CircuitBreaker.Configuration.Window
    /// A call that takes longer than this is slow; nil if none is.
    var slowOver: Duration?
}

/// Drives the window of a circuit breaker by itself.
final class WindowReplay: Replay {
    private struct State {
        var window: OutcomeWindow
        var latest: Instant

        /// Time never runs backwards (S21).
        mutating func expire(_ reading: Instant) {
            latest = max(latest, reading)
            window.expire(latest)
        }
    }

    private let clock: ReplayClock
    private let slowOver: Duration
    private let state: Locked<State>

    init(_ subject: TraceWindow, _ clock: ReplayClock) {
        self.clock = clock
        slowOver = subject.slowOver ?? .nanoseconds(Int64.max)
        state = Locked(State(window: OutcomeWindow(subject.window, now: clock.now()), latest: clock.now()))
    }

    func perform(_ event: TraceEvent, into line: inout ReplayLine) {
        guard case .record(let result, let duration, let times) = event else { return }
        state.withLock { state in
            state.expire(clock.now())
            let outcome = Classification.standard.outcome(of: result)
            guard outcome == .success || outcome == .failure else { return }
            for _ in 0..<times { state.window.record(failed: outcome == .failure, slow: duration > slowOver) }
        }
    }

    func report(into line: inout ReplayLine) {
        let counts = state.withLock { state in
            state.expire(clock.now())
            return state.window.counts
        }
        line.add("calls", counts.total)
        line.add("failed", counts.failed)
        line.add("slow", counts.slow)
        line.add("failureRate", counts.total > 0 ? Double(counts.failed) / Double(counts.total) : nil)
        line.add("slowRate", counts.total > 0 ? Double(counts.slow) / Double(counts.total) : nil)
    }
}

extension Classification {
    /// What a result of a trace says about the service.
    func outcome(of result: TraceResult) -> Outcome {
        switch result {
        case .judged(let outcome): outcome
        case .superseded: .cancelled
        case .failed(let failure): outcome(of: failure.error)
        }
    }
}
