public import Holdfast

/// A world whose clock moves only when nothing in it can go on: the next timer is due at once, however far away it was.
///
/// Code that waits for timeouts, open breakers and quotas runs through hours in milliseconds, in the same order each time.
///
/// ```swift
/// let world = VirtualTime()
/// let answer = try world.run {
///     try await pipeline.run { call in ... }      // the pipeline was made with `timeSource: world.timeSource`
/// }
/// ```
///
/// Everything runs on the thread that calls ``run(_:)``. Child tasks and default actors follow by themselves. An unstructured
/// `Task {}` does not: start it with `executorPreference: world`.
public final class VirtualTime: TaskExecutor, VirtualTimeSource {
    private struct Timer {
        let deadline: Instant
        let order: Int
        let action: @Sendable () -> Void
    }

    private struct State {
        var now: Instant
        var ready: [UnownedJob] = []
        var timers: [Int: Timer] = [:]
        var nextOrder = 0
    }

    private let state: Locked<State>

    /// Makes a world whose clock stands at `start`.
    public init(start: Instant = Instant(nanoseconds: 0)) {
        state = Locked(State(now: start))
    }

    /// This world's clock, to be given to policies.
    public var timeSource: TimeSource { TimeSource(virtual: self) }

    /// The current virtual time.
    public func now() -> Instant {
        state.withLock { $0.now }
    }

    /// Tasks of this world run on it.
    public var taskExecutor: (any TaskExecutor)? { self }

    /// Calls `action` when virtual time reaches `deadline`.
    public func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        let order = state.withLock { state in
            state.nextOrder += 1
            state.timers[state.nextOrder] = Timer(deadline: deadline, order: state.nextOrder, action: action)
            return state.nextOrder
        }
        return TimerHandle { [self] in
            _ = state.withLock { $0.timers.removeValue(forKey: order) }
        }
    }

    /// Takes a job that became ready; the concurrency runtime calls this.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// Moves the clock forward by hand and calls what falls due, in order of time.
    public func advance(by duration: Duration) {
        let target = now().advanced(by: duration)
        while fireNextTimer(until: target) {}
        state.withLock { $0.now = max($0.now, target) }
    }

    /// Runs `operation` to its end on this thread, jumping to the next timer whenever nothing is ready.
    /// - Throws: what `operation` throws, or ``Deadlock`` when it waits for something that no timer of this world brings.
    @discardableResult
    public func run<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        let task = Task(executorPreference: self) {
            let result: Result<Value, any Error>
            do { result = .success(try await operation()) } catch { result = .failure(error) }
            outcome.value.withLock { $0 = result }
        }
        while true {
            runReadyJobs()
            if let result = outcome.value.withLock({ $0 }) { return try result.get() }
            guard fireNextTimer(until: .distantFuture) else {
                task.cancel()
                throw Deadlock(at: now())
            }
        }
    }

    /// Nothing is ready, no timer is left, and the operation has not ended.
    public struct Deadlock: Error, CustomStringConvertible {
        /// When everything stood still.
        public let at: Instant

        /// One line.
        public var description: String {
            "deadlock at \(at.nanoseconds) ns of virtual time: nothing is ready to run and no timer is left"
        }
    }

    private func runReadyJobs() {
        while true {
            let jobs = state.withLock { state in
                defer { state.ready.removeAll() }
                return state.ready
            }
            guard !jobs.isEmpty else { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    /// Jumps to the earliest timer and calls it; of two at one time, the one set first. False if there is none until then.
    private func fireNextTimer(until limit: Instant) -> Bool {
        let timer: Timer? = state.withLock { state in
            let earliest = state.timers.values.min { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
            guard let earliest, earliest.deadline <= limit, earliest.deadline < .distantFuture else { return nil }
            state.timers[earliest.order] = nil
            state.now = max(state.now, earliest.deadline)
            return earliest
        }
        timer?.action()
        return timer != nil
    }
}

/// Carries an operation's result from its task to the loop that runs it.
private final class Outcome<Value: Sendable>: Sendable {
    let value = Locked<Result<Value, any Error>?>(nil)
}
