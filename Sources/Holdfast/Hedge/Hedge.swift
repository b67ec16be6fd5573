/// Starts a further attempt beside one that is slow, and takes the first good answer.
///
/// For the tail of the latency: when one call in twenty is slow, asking once more after the time that nineteen of twenty need
/// costs 5 % more calls and cuts most of the tail (Dean and Barroso, "The Tail at Scale", 2013). Only for calls that may run
/// twice.
///
/// An answer ends the call, and so does an error that blames the caller: the service answered. A failure never beats a slower
/// success: it starts the next attempt at once, as far as any are left, and waits for the others. When all have failed, the
/// call fails as its first attempt did. The losers are cancelled and their ends awaited.
///
/// ```swift
/// let hedge = Hedge("say", try .init(after: .quantile(0.95, minimumSamples: 100)))
/// let answer = try await hedge.run { _ in try await client.sayHi("kitty") }
/// ```
public final class Hedge: Policy {
    /// The name that events carry.
    public let name: String
    /// ``PolicyKind/hedge``.
    public var kind: PolicyKind { .hedge }
    /// The clock of the delay.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    /// What its attempts after the first are drawn from.
    public let budget: RetryBudget

    private let ownsBudget: Bool
    private let planner: HedgePlanner
    private let hedged = Counter()

    /// Makes a hedge.
    /// - Parameters:
    ///   - name: what events call it.
    ///   - configuration: its settings, already checked.
    ///   - budget: one that is shared with other hedges and retries, in place of the configuration's.
    ///   - latency: where a quantile is looked up, and what is measured goes; one of its own by default, over a minute.
    public init(
        _ name: String = "hedge", _ configuration: Configuration, budget: RetryBudget? = nil, latency: LatencyTracker? = nil,
        timeSource: TimeSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        self.budget = budget ?? RetryBudget(ifAny: configuration.budget, timeSource: timeSource)
        ownsBudget = budget == nil
        planner = HedgePlanner(configuration, latency, timeSource)
    }

    /// How many attempts it started after the first.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.hedged = hedged.value
        return counters
    }

    /// The settings in force.
    public var configuration: Configuration { planner.configuration }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        let start = "starts up to \(configuration.maxExtra) more \(configuration.maxExtra == 1 ? "attempt" : "attempts")"
        let when =
            switch configuration.after {
            case .fixed(.zero): "together with the first"
            case .fixed(let delay): "each after another \(Words.time(delay)) without an answer"
            case .quantile(let quantile, let samples):
                "each after the time that \(Words.percent(quantile)) of calls need, once \(Words.count(samples, "sample")) are taken"
            }
        return "\(start), \(when), \(budget.words)"
    }

    /// How long an attempt that starts now goes unanswered before the next one starts; nil while too few samples are taken.
    public var delay: Duration? {
        var attempt = Attempt(timeSource)
        let plan = planner.current(&attempt)
        return plan == .none ? nil : .nanoseconds(plan.delay)
    }

    /// Puts new settings in force; calls under way keep their delay and their number of attempts. A shared budget has settings of its own.
    public func reconfigure(_ configuration: Configuration) {
        planner.reconfigure(configuration)
        if ownsBudget { budget.reconfigure(ifAny: configuration.budget) }
        emit(.reconfigured)
    }

    /// Runs `operation`, and once more beside itself when it is slow.
    /// - Parameters:
    ///   - deadline: no further attempt starts from then on; nil for none.
    ///   - attributes: an operation that is not idempotent runs once.
    ///   - operation: the work; it is told which attempt it is.
    /// - Throws: what the first attempt threw when all failed; an error that ends the call, see ``Configuration/nonFatal``.
    @inlinable
    public func run<Value: Sendable>(
        deadline: Instant? = nil, attributes: CallAttributes = CallAttributes(),
        _ operation: @Sendable (HedgeAttempt) async throws -> Value
    ) async throws -> Value {
        try await run(Attempt(timeSource, deadline: deadline, attributes: attributes), operation)
    }

    /// Runs `operation` for a pipeline.
    ///
    /// Each attempt runs in a child task of its own. One that ``HedgeAttempt/isSuperseded`` lost to another.
    /// - Parameter isAccounted: whether a retry around the hedge tells the same budget of the call's first attempt and its end.
    @inlinable
    package func run<Value: Sendable>(
        _ attempt: Attempt, isAccounted: Bool = false, _ operation: @Sendable (HedgeAttempt) async throws -> Value
    ) async throws -> Value {
        let call = begin(attempt, isAccounted: isAccounted)
        guard call.isHedged else {
            do {
                let value = try await operation(HedgeAttempt(1, of: call))
                answered(1, of: call)
                return value
            } catch {
                failed(1, of: call, error)
                throw error
            }
        }
        return try await withoutActuallyEscaping(operation) { operation in
            var tasks = HedgeTasks(start(1, of: call, operation))
            // An operation that never waits has ended by now: no timer, no continuation.
            var winner = call.winner
            if winner == 0 {
                winner = await steer(call, cancel: { tasks.cancel() }, start: { tasks.append(start($0, of: call, operation)) })
            }
            tasks.cancel(except: winner)
            // The operation must not outlive the call.
            return try await tasks.end(of: winner)
        }
    }

    // MARK: Shell

    /// Starts an attempt in a task of its own, on the caller's thread until it first waits.
    @inlinable
    func start<Value: Sendable>(
        _ number: Int, of call: HedgeCall, _ operation: @escaping @Sendable (HedgeAttempt) async throws -> Value
    ) -> Task<Value, any Error> {
        Task.immediate(executorPreference: timeSource.taskExecutor) {
            do {
                let value = try await operation(HedgeAttempt(number, of: call))
                self.answered(number, of: call)
                return value
            } catch {
                self.failed(number, of: call, error)
                throw error
            }
        }
    }

    /// A call's first attempt is about to start.
    @usableFromInline
    func begin(_ attempt: Attempt, isAccounted: Bool) -> HedgeCall {
        var attempt = attempt
        if !isAccounted { budget.deposit(&attempt) }
        let plan = planner.current(&attempt)
        let isHedged = plan != .none && attempt.attributes.isIdempotent && !Task.isCancelled
        return HedgeCall(
            isHedged ? plan : .none, deadline: attempt.deadline, isAccounted: isAccounted,
            now: plan != .none || planner.isMeasuring ? attempt.now() : Instant(nanoseconds: 0))
    }

    /// Does what the machine says until it says how the call ends.
    @usableFromInline
    func steer(_ call: HedgeCall, cancel: () -> Void, start: (Int) -> Void) async -> Int {
        await withTaskCancellationHandler {
            var timer: TimerHandle?
            var timerAt: Instant?
            defer { timer?.cancel() }
            while true {
                let now = timeSource.now()
                switch call.next(now) {
                case .finish(let winner):
                    return winner
                case .cancel:
                    cancel()
                case .start(let number):
                    guard mayStart(call, now) else {
                        call.refused(number, now)
                        continue
                    }
                    hedged.add()
                    emit(.hedged(attempt: number))
                    start(number)
                case .wait(let until):
                    if let until, until != timerAt {
                        timer?.cancel()
                        timerAt = until
                        timer = timeSource.schedule(at: until) { call.delayPassed() }
                    }
                    await call.news()
                }
            }
        } onCancel: {
            call.callerLeft(timeSource.now())
        }
    }

    private func mayStart(_ call: HedgeCall, _ now: Instant) -> Bool {
        if Task.isCancelled { return false }
        if let deadline = call.deadline, deadline <= now { return false }
        var attempt = Attempt(timeSource)
        return budget.take(&attempt)
    }

    @usableFromInline
    func answered(_ number: Int, of call: HedgeCall) {
        if !call.isAccounted { budget.record(failed: false) }
        call.ended(number, .acceptable, .distantFuture)
        measure(call, number)
    }

    @usableFromInline
    func failed(_ number: Int, of call: HedgeCall, _ error: any Error) {
        let end = end(with: error)
        // One that lost, or was refused further in, says nothing about the service.
        let isVerdict = !Task.isCancelled && !(error is CancellationError) && !(error is Rejection) && end != .fatal
        if !call.isAccounted, isVerdict { budget.record(failed: end != .acceptable) }
        call.ended(number, end, timeSource.now())
        measure(call, number)
    }

    /// What an attempt's error means for the call.
    private func end(with error: any Error) -> HedgeStateMachine.End {
        // A refusal by a policy further in is no verdict, and asking once more would find the same.
        if error is CancellationError || error is Rejection { return .failed(.never) }
        let nonFatal = planner.configuration.nonFatal
        let outcome = Classification.standard.outcome(of: error)
        if let nonFatal {
            guard nonFatal.matches(error) else { return .fatal }
        } else if outcome == .success {
            return .acceptable
        }
        if let status = error as? any StatusError {
            if status.forbidsRetry || status.isCommitted { return .failed(.never) }
            if let pushback = status.retryAfter { return .failed(.after(pushback.nanoseconds)) }
        }
        // A service that turns calls away is not asked once more at once, unless told so.
        return .failed(outcome == .failure || nonFatal != nil ? .atOnce : .never)
    }

    /// Notes how long a call's first attempt took, when the attempt that just ended is the one that decides.
    ///
    /// A first attempt that lost has taken that long at least, which is what a quantile below it needs to know: leaving it out
    /// would make the service look faster with each hedge, and hedges would come ever sooner.
    private func measure(_ call: HedgeCall, _ attempt: Int) {
        guard planner.isMeasuring, call.winner == attempt, call.timesFirst else { return }
        planner.record(since: call.start)
    }
}
