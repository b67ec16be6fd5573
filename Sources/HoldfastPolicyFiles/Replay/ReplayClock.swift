import Holdfast

/// The clock of a replay: a trace moves it, and readings may run backwards, as those of a real clock may (S21).
///
/// It runs the tasks that wait in queues as well, on the thread that moves it, so that a replay gives the same answer each time.
/// `VirtualTime`, which moves by itself and only forwards, could not.
final class ReplayClock: VirtualTimeSource, TaskExecutor {
    private struct Timer {
        let deadline: Instant
        let order: Int
        let action: @Sendable () -> Void
    }

    private struct State {
        var now = Instant(nanoseconds: 0)
        var timers: [Timer] = []
        var nextOrder = 0
        var ready: [UnownedJob] = []
    }

    private let state = Locked(State())

    /// The clock as policies take it.
    var timeSource: TimeSource { TimeSource(virtual: self) }

    var taskExecutor: (any TaskExecutor)? { self }

    func now() -> Instant {
        state.withLock { $0.now }
    }

    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        let order = state.withLock { state in
            state.nextOrder += 1
            let timer = Timer(deadline: deadline, order: state.nextOrder, action: action)
            // The last is due first; of two at one time, the one set first.
            let place = state.timers.firstIndex { $0.deadline <= deadline } ?? state.timers.endIndex
            state.timers.insert(timer, at: place)
            return timer.order
        }
        return TimerHandle { [self] in
            state.withLock { state in state.timers.removeAll { $0.order == order } }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// Lets everything happen that is due until `instant`, in order of time, and puts the clock there.
    func run(until instant: Instant) {
        runReadyJobs()
        while let action = nextDue(instant) {
            action()
            runReadyJobs()
        }
        state.withLock { $0.now = instant }
    }

    /// Runs the tasks that can go on without the clock being moved.
    func runReadyJobs() {
        while let job = state.withLock({ $0.ready.isEmpty ? nil : $0.ready.removeFirst() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    private func nextDue(_ limit: Instant) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let timer = state.timers.last, timer.deadline <= limit else { return nil }
            state.timers.removeLast()
            state.now = max(state.now, timer.deadline)
            return timer.action
        }
    }
}
