import HoldfastTesting
import HoldfastVirtualTime
import Testing

@testable import Holdfast

/// One caller of one pipeline who goes away, in a world of its own: a breaker outermost, the policy, and a gauge innermost.
final class CancellationScene: Sendable {
    /// When the caller goes away, unless told otherwise.
    static let leaves = Instant(nanoseconds: 100_000_000)

    let world: VirtualTime
    let watcher: CircuitBreaker
    let gauge: TicketGauge
    let subject: CancellationSubject.Made
    let pipeline: Pipeline
    private let held = Locked<(isOver: Bool, waiting: [OneShot])>((false, []))
    private let seed: UInt64
    private let isAbandoning: Bool

    init(_ subject: CancellationSubject, seed: UInt64, timeout: Duration? = nil) throws {
        // Before the origin, so that time can pass while the policy is made.
        let world = VirtualTime(start: Instant(nanoseconds: -1), seed: seed)
        let timeSource = world.timeSource
        self.world = world
        self.seed = seed
        isAbandoning = subject == .abandoningTimeout
        watcher = CircuitBreaker("watcher", try .init(window: .count(10), minimumCalls: 10), timeSource: timeSource)
        gauge = TicketGauge(timeSource)
        self.subject = try subject.made(world)
        world.advance(by: world.now().duration(to: Instant(nanoseconds: 0)))
        var stages: [Pipeline.Stage] = [.gate(watcher)]
        if let timeout { stages.append(.timeout(try Timeout("limit", after: timeout, timeSource: timeSource))) }
        pipeline = Pipeline("p", stages + self.subject.stages + [.gate(gauge)], timeSource: timeSource)
    }

    func service(_ steps: [ScriptedOperation<Int>.Step]) -> ScriptedOperation<Int> {
        ScriptedOperation(world.timeSource, steps, then: .repeatLast)
    }

    /// An operation that goes on until ``letGo()``, and does not look for cancellations.
    func hold() async throws -> Int {
        let waiter = OneShot()
        let isOver = held.withLock { held in
            held.waiting.append(waiter)
            return held.isOver
        }
        if !isOver { try await waiter.value() }
        return 1
    }

    /// Ends every ``hold()``.
    func letGo() {
        let waiting = held.withLock { held in
            held.isOver = true
            return held.waiting
        }
        for waiter in waiting { waiter.finish(.success(())) }
    }

    /// A call, by the way that lets the subject do what it is there for.
    func run(_ operation: @escaping @Sendable (Call) async throws -> Int) async throws -> Int {
        isAbandoning ? try await pipeline.runAbandonable(operation) : try await pipeline.run(operation)
    }

    /// Starts another call, which comes as far as it can.
    func start(_ operation: @escaping @Sendable () async throws -> Int) async -> Task<Int, any Error> {
        let task = Task(executorPreference: world) { [self] in try await run { _ in try await operation() } }
        await world.idle()
        return task
    }

    /// Starts the call, and makes its caller go away.
    /// - Parameters:
    ///   - at: when.
    ///   - before: what happens at that time, too.
    /// - Returns: how the call ended for the caller, and when.
    func play(
        at leaves: Instant = CancellationScene.leaves, before: @Sendable () -> Void = {},
        _ call: @escaping @Sendable () async throws -> Int
    ) async -> (result: Result<Int, any Error>, at: Instant) {
        // Of two timers for one time the one set first comes first; the seed says which that is.
        let alarm = seed % 2 == 0 ? setAlarm(leaves) : nil
        let caller = Task(executorPreference: world) { try await call() }
        await world.idle()
        await (alarm ?? setAlarm(leaves)).value
        before()
        for _ in 0..<(seed / 2 % 6) { await Task.yield() }
        caller.cancel()
        return (await caller.result, world.now())
    }

    private func setAlarm(_ time: Instant) -> Task<Void, Never> {
        Task.immediate(executorPreference: world) { [world] in try? await world.timeSource.sleep(until: time) }
    }

    /// Lets work that has a task of its own (a shared flight, an operation that was left behind) hear of the cancellation.
    func settle() async { await world.idle() }

    /// Holds what must hold whenever a caller went away: nothing is held, nothing was judged that should not be, and the next call
    /// goes through.
    /// - Parameters:
    ///   - recorded: how many outcomes the breaker outside has seen.
    ///   - judged: how many attempts were told to be more than cancelled; nil for any number.
    func verify(recorded: ClosedRange<Int> = 0...0, judged: Int? = nil, _ comment: Comment) async throws {
        await settle()
        #expect(gauge.held == 0, comment)
        #expect(gauge.problem == nil, comment)
        let snapshot = watcher.snapshot()
        #expect(recorded.contains(snapshot.calls), comment)
        if recorded == 0...0 {
            #expect(gauge.completions.count { !$0.isNeutral } == judged ?? 0, comment)
            #expect(subject.isAsItWas(), comment)
        }
        // A breaker may have to refuse after a failure.
        guard snapshot.failed == 0 else { return }
        let start = world.now()
        let next = try await pipeline.run { _ in 7 }
        #expect(next == 7, comment)
        #expect(world.now() <= start + .milliseconds(200), comment)
        #expect(world.pendingTimers <= subject.ownTimers, comment)
    }
}
