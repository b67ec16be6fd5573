import Synchronization

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
    /// What calls start by: read whole, without a lock.
    private let plan: Atomic<UInt64>
    /// From when on the plan is to be made again of the measured latency; never for a fixed delay.
    private let planEnds: Atomic<Int64>
    private let settings: Locked<Configuration>
    private let tracker = AtomicLazyReference<LatencyTracker>()
    private let hedged = Counter()

    /// How long a quantile serves before it is looked up again, in nanoseconds: a lookup reads a thousand counters.
    private static let lookupInterval: Int64 = 100_000_000
    /// The same while there are too few samples for one.
    private static let retryInterval: Int64 = 1_000_000

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
        settings = Locked(configuration)
        plan = Atomic(0)
        planEnds = Atomic(.max)
        if let latency { _ = tracker.storeIfNil(latency) }
        apply(configuration)
    }

    /// How many attempts it started after the first.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.hedged = hedged.value
        return counters
    }

    /// The settings in force.
    public var configuration: Configuration { settings.withLock { $0 } }

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
        let plan = currentPlan(&attempt)
        return plan == .none ? nil : .nanoseconds(plan.delay)
    }

    /// Puts new settings in force; calls under way keep the ones they started with. A shared budget has settings of its own.
    public func reconfigure(_ configuration: Configuration) {
        apply(configuration)
        if ownsBudget { budget.reconfigure(ifAny: configuration.budget) }
        emit(.reconfigured)
    }

    /// Runs `operation`, and once more beside itself when it is slow.
    /// - Parameters:
    ///   - deadline: no further attempt starts from then on; nil for none.
    ///   - attributes: an operation that is not idempotent runs once.
    ///   - operation: the work; it is told which attempt it is.
    /// - Throws: what the first attempt threw when all failed; an error that ends the call, see ``Configuration/nonFatal``.
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
    @usableFromInline
    package func run<Value: Sendable>(
        _ attempt: Attempt, isAccounted: Bool = false, _ operation: @Sendable (HedgeAttempt) async throws -> Value
    ) async throws -> Value {
        var attempt = attempt
        if !isAccounted { budget.deposit(&attempt) }
        let plan = currentPlan(&attempt)
        guard plan != .none, attempt.attributes.isIdempotent, !Task.isCancelled else {
            return try await runAlone(attempt, isAccounted: isAccounted, operation)
        }
        let start = attempt.now()
        let call = HedgeCall(HedgeStateMachine(delay: plan.delay, maxExtra: plan.maxExtra, now: start), isAccounted: isAccounted)
        return try await withoutActuallyEscaping(operation) { operation in
            var tasks = HedgeTasks(self.start(1, of: call, operation))
            // An operation that never waits has ended by now: no timer, no continuation.
            var winner = call.winner
            if winner == 0 {
                winner = await withTaskCancellationHandler {
                    await steer(call, attempt, &tasks, operation)
                } onCancel: {
                    call.callerLeft(timeSource.now())
                }
            }
            if isMeasuring, call.timesFirst { record(since: start) }
            tasks.cancel(except: winner)
            // The operation must not outlive the call.
            return try await tasks.end(of: winner).get()
        }
    }

    // MARK: Shell

    /// Does what the machine says until it says how the call ends.
    private func steer<Value: Sendable>(
        _ call: HedgeCall, _ attempt: Attempt, _ tasks: inout HedgeTasks<Value>,
        _ operation: @escaping @Sendable (HedgeAttempt) async throws -> Value
    ) async -> Int {
        var timer: TimerHandle?
        var timerAt: Instant?
        defer { timer?.cancel() }
        while true {
            let now = timeSource.now()
            switch call.next(now) {
            case .finish(let winner):
                return winner
            case .cancel:
                tasks.cancel()
            case .start(let number):
                guard mayStart(attempt) else {
                    call.refused(number, now)
                    continue
                }
                hedged.add()
                emit(.hedged(attempt: number))
                tasks.append(start(number, of: call, operation))
            case .wait(let until):
                if let until, until != timerAt {
                    timer?.cancel()
                    timerAt = until
                    timer = timeSource.schedule(at: until) { call.delayPassed() }
                }
                await call.news()
            }
        }
    }

    /// Starts an attempt in a task of its own, on the caller's thread until it first waits.
    private func start<Value: Sendable>(
        _ number: Int, of call: HedgeCall, _ operation: @escaping @Sendable (HedgeAttempt) async throws -> Value
    ) -> Task<Value, any Error> {
        Task.immediate(executorPreference: timeSource.taskExecutor) { [self] in
            do {
                let value = try await operation(HedgeAttempt(number, of: call))
                if !call.isAccounted { budget.record(failed: false) }
                call.ended(number, .acceptable, .distantFuture)
                return value
            } catch {
                let end = end(with: error)
                if !call.isAccounted { account(end, error) }
                call.ended(number, end, timeSource.now())
                throw error
            }
        }
    }

    /// Tells the budget how an attempt failed. One that lost, or was refused further in, says nothing about the service.
    private func account(_ end: HedgeStateMachine.End, _ error: any Error) {
        guard !Task.isCancelled, !(error is CancellationError), !(error is Rejection), end != .fatal else { return }
        budget.record(failed: end != .acceptable)
    }

    private func mayStart(_ attempt: Attempt) -> Bool {
        var attempt = attempt
        attempt.passTime()
        if Task.isCancelled { return false }
        if let deadline = attempt.deadline, deadline <= attempt.now() { return false }
        return budget.take(&attempt)
    }

    /// What an attempt's error means for the call.
    private func end(with error: any Error) -> HedgeStateMachine.End {
        // A refusal by a policy further in is no verdict, and asking once more would find the same.
        if error is CancellationError || error is Rejection { return .failed(.never) }
        let nonFatal = settings.withLock { $0.nonFatal }
        let outcome = Classification.standard.outcome(of: error)
        if let nonFatal {
            guard nonFatal.matches(error) else { return .fatal }
        } else if outcome == .success {
            return .acceptable
        }
        if let status = error as? any StatusError {
            if status.forbidsRetry { return .failed(.never) }
            if let pushback = status.retryAfter { return .failed(.after(pushback.nanoseconds)) }
        }
        // A service that turns calls away is not asked once more at once, unless told so.
        return .failed(outcome == .failure || nonFatal != nil ? .atOnce : .never)
    }

    // MARK: Latency

    /// Runs the operation in the caller's task, without a hedge.
    private func runAlone<Value: Sendable>(
        _ attempt: Attempt, isAccounted: Bool, _ operation: @Sendable (HedgeAttempt) async throws -> Value
    ) async throws -> Value {
        var attempt = attempt
        let start = isMeasuring ? attempt.now() : nil
        do {
            let value = try await operation(HedgeAttempt(1, of: nil))
            if !isAccounted { budget.record(failed: false) }
            if let start { record(since: start) }
            return value
        } catch {
            let end = end(with: error)
            if !isAccounted { account(end, error) }
            if let start, end == .acceptable { record(since: start) }
            throw error
        }
    }

    private var isMeasuring: Bool { planEnds.load(ordering: .relaxed) != .max }

    /// Notes how long a call's first attempt took.
    ///
    /// One that lost has taken that long at least, which is what a quantile below it needs to know: leaving it out would make the
    /// service look faster with each hedge, and hedges would come ever sooner.
    private func record(since start: Instant) {
        let now = timeSource.now()
        tracker.load()?.record(nanoseconds: start.duration(to: now).nanoseconds, at: now)
    }

    /// What a call that starts now is hedged by. A quantile is looked up now and then, by one call for all.
    private func currentPlan(_ attempt: inout Attempt) -> HedgePlan {
        let ends = planEnds.load(ordering: .relaxed)
        if ends != .max {
            let now = attempt.now()
            if now.nanoseconds >= ends { lookUp(now, ends) }
        }
        return HedgePlan(word: plan.load(ordering: .relaxed))
    }

    private func lookUp(_ now: Instant, _ ends: Int64) {
        // Whoever moves the end on does the work; the others go by the plan as it is.
        let soon = now.nanoseconds.addingSaturating(Self.retryInterval)
        guard planEnds.compareExchange(expected: ends, desired: soon, ordering: .relaxed).exchanged else { return }
        settings.withLock { configuration in
            guard case .quantile(let quantile, let minimumSamples) = configuration.after else { return }
            guard let delay = tracker.load()?.quantile(quantile, minimumSamples: minimumSamples, at: now) else {
                return plan.store(0, ordering: .relaxed)
            }
            plan.store(HedgePlan(delay: delay, maxExtra: configuration.maxExtra).word, ordering: .relaxed)
            planEnds.store(now.nanoseconds.addingSaturating(Self.lookupInterval), ordering: .relaxed)
        }
    }

    private func apply(_ configuration: Configuration) {
        settings.withLock { settings in
            settings = configuration
            switch configuration.after {
            case .fixed(let delay):
                plan.store(HedgePlan(delay: delay.nanoseconds, maxExtra: configuration.maxExtra).word, ordering: .relaxed)
                planEnds.store(.max, ordering: .relaxed)
            case .quantile:
                if tracker.load() == nil { _ = tracker.storeIfNil(LatencyTracker(checkedWindow: .seconds(60), timeSource)) }
                plan.store(0, ordering: .relaxed)
                planEnds.store(.min, ordering: .relaxed)
            }
        }
    }
}
