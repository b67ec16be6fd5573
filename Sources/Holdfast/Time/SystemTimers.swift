import Dispatch

/// The process's timers on the system clock: some wheels, each with one Dispatch timer that is armed for its next tick.
///
/// Sharded by thread because one wheel's lock, shared by busy tasks, costs more than all the rest of a timeout (256 ns against 42
/// with one wheel per core, measured on two cores).
final class SystemTimers: Sendable {
    typealias Token = TimerWheel<@Sendable () -> Void>.Token

    static let shared = SystemTimers()

    private let shards: [Shard]

    private init() {
        shards = (0..<4).map { Shard(label: "holdfast.timers.\($0)") }
    }

    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        shards[ThreadIndex.current & (shards.count - 1)].schedule(at: deadline, action)
    }

    final class Shard: Sendable {
        private struct State {
            var wheel = TimerWheel<@Sendable () -> Void>(start: TimeSource.system.now())
            var armedFor = Instant.distantFuture
            let source: any DispatchSourceTimer
        }

        private let state: Locked<State>

        init(label: String) {
            state = Locked(State(source: DispatchSource.makeTimerSource(queue: DispatchQueue(label: label, qos: .userInitiated))))
            // The shards live as long as the process.
            state.withLock { state in
                state.source.setEventHandler { [unowned self] in fire() }
                state.source.activate()
            }
        }

        func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
            let token = state.withLock { state in
                let token = state.wheel.insert(deadline, action)
                if deadline < state.armedFor { arm(&state, now: nil) }
                return token
            }
            return TimerHandle(self, token)
        }

        func cancel(_ token: Token) {
            // Let go of the action after the lock.
            _ = state.withLock { $0.wheel.cancel(token) }
        }

        /// Arms the Dispatch timer if the wheel's next tick comes before what it is armed for. One that fires too early
        /// because its deadline was cancelled costs a wake-up; re-arming at every cancellation would cost more.
        private func arm(_ state: inout State, now: Instant?) {
            guard let next = state.wheel.nextExpiry, next < state.armedFor else { return }
            state.armedFor = next
            let delay = (now ?? TimeSource.system.now()).duration(to: next).nanoseconds
            state.source.schedule(deadline: .now() + .nanoseconds(Int(max(delay, 0))), leeway: .nanoseconds(0))
        }

        private func fire() {
            let now = TimeSource.system.now()
            let due = state.withLock { state in
                var due: [@Sendable () -> Void] = []
                state.armedFor = .distantFuture
                state.wheel.advance(to: now, into: &due)
                arm(&state, now: now)
                return due
            }
            for action in due { action() }
        }
    }
}
