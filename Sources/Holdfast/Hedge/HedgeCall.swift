import Synchronization

/// One hedged call: its decisions, and the wait for what happens next.
///
/// The caller's own task starts and cancels the attempts, so that they inherit its priority and its task-local values; attempts
/// that end, timers and the caller's cancellation only report here and wake it.
@usableFromInline
final class HedgeCall: Sendable {
    private struct State {
        var machine: HedgeStateMachine
        var hasNews = false
        var waiting: UnsafeContinuation<Void, Never>?
    }

    /// Whether attempts may start beside the first.
    @usableFromInline let isHedged: Bool
    /// No further attempt starts from then on; nil for never.
    let deadline: Instant?
    /// Whether somebody else tells the budget how attempts end.
    let isAccounted: Bool
    /// When the first attempt started.
    let start: Instant

    private let state: Locked<State>
    private let decided = Atomic(0)

    init(_ plan: HedgePlan, deadline: Instant?, isAccounted: Bool, now: Instant) {
        isHedged = plan != .none
        self.deadline = deadline
        self.isAccounted = isAccounted
        start = now
        state = Locked(State(machine: HedgeStateMachine(delay: plan.delay, maxExtra: plan.maxExtra, now: now)))
    }

    /// The attempt whose end is the call's; 0 until that is decided.
    @usableFromInline var winner: Int { decided.load(ordering: .acquiring) }

    /// What to do at that time.
    func next(_ now: Instant) -> HedgeStateMachine.Action {
        state.withLock { state in
            let action = state.machine.next(now)
            decided.store(state.machine.winner, ordering: .releasing)
            return action
        }
    }

    /// Whether the time until the decision says how long a first attempt takes.
    var timesFirst: Bool { state.withLock { $0.machine.timesFirst } }

    func ended(_ attempt: Int, _ end: HedgeStateMachine.End, _ now: Instant) {
        report { $0.ended(attempt, end, now) }
    }

    func claim(_ attempt: Int) -> Bool {
        report { $0.claim(attempt) }
    }

    func refused(_ attempt: Int, _ now: Instant) {
        report { $0.refused(attempt, now) }
    }

    func callerLeft(_ now: Instant) {
        report { $0.callerLeft(now) }
    }

    func delayPassed() {
        report { _ in }
    }

    /// Waits until something has been reported since the last wait.
    func news() async {
        await withUnsafeContinuation { continuation in
            let isReady = state.withLock { state in
                if state.hasNews {
                    state.hasNews = false
                    return true
                }
                state.waiting = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func report<Result>(_ change: (inout HedgeStateMachine) -> Result) -> Result {
        let (result, waiting) = state.withLock { state -> (Result, UnsafeContinuation<Void, Never>?) in
            let result = change(&state.machine)
            // Decided together with the end of the attempt: who looks after being cancelled knows why.
            decided.store(state.machine.winner, ordering: .releasing)
            if let waiting = state.waiting.take() { return (result, waiting) }
            state.hasNews = true
            return (result, nil)
        }
        waiting?.resume()
        return result
    }
}
