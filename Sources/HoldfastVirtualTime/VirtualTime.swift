public import Holdfast

/// A world whose clock moves only when nothing in it can go on: the next timer is due at once, however far away it was.
///
/// Code that waits for timeouts, open breakers and quotas runs through hours in milliseconds, in the same order each time:
/// jobs in the order in which they became ready, timers in order of time and, at one time, in the order in which they were set.
///
/// ```swift
/// let world = VirtualTime()
/// let answer = try world.run {
///     try await pipeline.run { call in ... }      // the pipeline was made with `timeSource: world.timeSource`
/// }
/// ```
///
/// Everything runs on the thread that calls ``run(_:)``, if it follows the world's executor. These do by themselves: child
/// tasks (`async let`, task groups), default actors, and `nonisolated` async functions. These do not:
/// - `Task {}` and `Task.detached {}`: start them with `executorPreference: world`;
/// - the main actor, other global actors with executors of their own, event loops, Dispatch queues, threads;
/// - `Task.sleep` and other clocks: they wait in real time, of which the world knows nothing. Use `timeSource.sleep(for:)`.
///
/// What is awaited from outside the world does not arrive while everything else stands still: that is a ``Deadlock``.
///
/// A world with a seed picks the next of several ready jobs by chance, the same way for the same seed. Run a test over some
/// hundred seeds to find the order in which it fails; then keep that seed.
public final class VirtualTime: TaskExecutor, VirtualTimeSource {
    private struct State {
        var now: Instant
        var ready: ReadyQueue<UnownedJob>
        var timers = TimerHeap<@Sendable () -> Void>()
        var isRunning = false
    }

    private let state: Locked<State>

    /// Makes a world.
    /// - Parameters:
    ///   - start: where its clock stands.
    ///   - seed: shuffles the jobs that are ready at one time; nil to run them in the order in which they became ready.
    public init(start: Instant = Instant(nanoseconds: 0), seed: UInt64? = nil) {
        state = Locked(State(now: start, ready: ReadyQueue(seed: seed)))
    }

    /// This world's clock, to be given to policies.
    public var timeSource: TimeSource { TimeSource(virtual: self) }

    /// The current virtual time.
    public func now() -> Instant {
        state.withLock { $0.now }
    }

    /// Tasks of this world run on it.
    public var taskExecutor: (any TaskExecutor)? { self }

    /// How many timers are set.
    public var pendingTimers: Int {
        state.withLock { $0.timers.count }
    }

    /// Calls `action` when virtual time reaches `deadline`.
    public func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        let token = state.withLock { $0.timers.insert(deadline, action) }
        return TimerHandle { [self] in
            _ = state.withLock { $0.timers.cancel(token) }
        }
    }

    /// Takes a job that became ready; the concurrency runtime calls this.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// Moves the clock forward by hand and calls what falls due, in order of time. Tasks that this wakes go on in ``run(_:)``.
    /// - Parameter duration: zero or less moves nothing.
    public func advance(by duration: Duration) {
        let target = now().advanced(by: duration)
        while fireNextTimer(until: target) {}
        state.withLock { $0.now = max($0.now, target) }
    }

    /// Waits until nothing else of this world can go on without the clock moving: tasks just started have run as far as they can.
    ///
    /// Unlike `Task.yield()` this holds in a world with a seed, too.
    public func idle() async {
        let waiter = OneShot()
        _ = schedule(at: now()) { waiter.finish(.success(())) }
        // It is only ever finished with success.
        try? await waiter.value()
    }

    /// Runs `operation` to its end on this thread, jumping to the next timer whenever nothing is ready.
    ///
    /// A world can run one operation after the other; its clock goes on where it stood. When the task that calls this is
    /// cancelled, so is the operation.
    /// - Throws: what `operation` throws, ``Deadlock`` when it waits for something that no timer of this world brings, or
    ///   ``AlreadyRunning``.
    @discardableResult
    public func run<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) throws -> Value {
        try begin()
        defer { state.withLock { $0.isRunning = false } }
        let outcome = Outcome<Value>()
        let task = Task(executorPreference: self) {
            let result: Result<Value, any Error>
            do { result = .success(try await operation()) } catch { result = .failure(error) }
            outcome.value.withLock { $0 = result }
        }
        var isCancelled = false
        while true {
            if !isCancelled, Task.isCancelled {
                isCancelled = true
                task.cancel()
            }
            if runReadyJob() { continue }
            if let result = outcome.value.withLock({ $0 }) { return try result.get() }
            guard fireNextTimer(until: .distantFuture) else {
                let deadlock = Deadlock(at: now())
                // What can end when it is told to ends here, not in the next run.
                task.cancel()
                while runReadyJob() {}
                throw deadlock
            }
        }
    }

    private func begin() throws(AlreadyRunning) {
        let wasRunning = state.withLock { state in
            defer { state.isRunning = true }
            return state.isRunning
        }
        if wasRunning { throw AlreadyRunning() }
    }

    /// Runs the next job; false if none is ready.
    private func runReadyJob() -> Bool {
        guard let job = state.withLock({ $0.ready.next() }) else { return false }
        job.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }

    /// Jumps to the earliest timer and calls it. False if there is none until then; one in the distant future never comes.
    private func fireNextTimer(until limit: Instant) -> Bool {
        let action: (@Sendable () -> Void)? = state.withLock { state in
            guard let earliest = state.timers.earliest, earliest <= limit, earliest < .distantFuture,
                let timer = state.timers.popEarliest()
            else { return nil }
            state.now = max(state.now, timer.deadline)
            return timer.action
        }
        action?()
        return action != nil
    }
}

/// Carries an operation's result from its task to the loop that runs it.
private final class Outcome<Value: Sendable>: Sendable {
    let value = Locked<Result<Value, any Error>?>(nil)
}
