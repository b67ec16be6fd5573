import Holdfast

/// Reckons how one call of a policy goes, from the settings alone: every gate lets it through, and the service does one thing only.
///
/// The rules are those of the pipeline, which the tests hold it against. Times are nanoseconds from the beginning of the call. Nested
/// hedges and retries multiply: a call of more than ``maximumAttempts`` is not reckoned to its end.
struct CallSimulation {
    /// The most attempts that are reckoned.
    static let maximumAttempts = 1000

    /// What the service does with each attempt.
    enum Service {
        /// It never answers.
        case hangs
        /// It fails after so many nanoseconds.
        case fails(any Error, after: Int64)
        /// It answers after so many nanoseconds.
        case answers(after: Int64)
    }

    /// How long retries wait, of what may be drawn, and hedges, of what may be measured.
    enum Draw {
        case shortest
        case longest
    }

    /// How something ended.
    private struct End {
        let at: Int64
        /// Nil for an answer.
        let error: (any Error)?
    }

    /// The nearest deadline.
    private struct Limit {
        var at = Int64.max
        var element: Int?
    }

    /// A retry that the call is inside of.
    fileprivate struct Enclosing {
        let retry: Retry.Configuration
        let attempt: Int
    }

    private let elements: [PipelineElement]
    private let service: Service
    private let isIdempotent: Bool
    private let draw: Draw
    private let clock = ReplayClock()
    private var budgets: [Int: RetryBudget] = [:]
    private var sharedBudgets: [String: RetryBudget] = [:]
    private var spans: [CallTimeline.Span] = []
    private var attempts = 0
    /// Whether there would have been more attempts than are reckoned; then every stage leaves off as if it never ended.
    private var isCutShort = false

    /// - Parameter isBudgetAmple: whether other calls have left the budgets as much as this one can need; otherwise there are none.
    init(
        _ policy: PolicyDefinition, _ service: Service, isIdempotent: Bool, draw: Draw = .longest, isBudgetAmple: Bool = false
    ) {
        elements = policy.enabledElements.filter { [.timeout, .retry, .hedge].contains($0.kind) }
        self.service = service
        self.isIdempotent = isIdempotent
        self.draw = draw
        guard !isBudgetAmple else { return }
        for (index, element) in elements.enumerated() {
            switch element.settings {
            case .retry(let retry, let shared): makeBudget(index, retry.budget, shared)
            case .hedge(let hedge, let shared): makeBudget(index, hedge.budget, shared)
            default: break
            }
        }
    }

    /// The call, by a service that does so with each attempt.
    mutating func run() -> CallTimeline {
        spans = []
        let end = run(0, 0, Limit(), [], isFirst: true)
        let sorted = spans.enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(\.element)
        return CallTimeline(spans: sorted, end: end.map { .nanoseconds($0.at) }, error: end?.error, isComplete: !isCutShort)
    }

    private mutating func makeBudget(_ index: Int, _ configuration: RetryBudget.Configuration?, _ shared: String?) {
        guard let configuration else { return }
        guard let shared else { return budgets[index] = RetryBudget(configuration, timeSource: clock.timeSource) }
        let budget = sharedBudgets[shared] ?? RetryBudget(configuration, timeSource: clock.timeSource)
        sharedBudgets[shared] = budget
        budgets[index] = budget
    }

    // MARK: Stages

    /// What is at `index` and further in; nil when it never ends.
    private mutating func run(_ index: Int, _ start: Int64, _ limit: Limit, _ enclosing: [Enclosing], isFirst: Bool) -> End? {
        guard index < elements.count else { return attempt(start, limit) }
        switch elements[index].settings {
        case .timeout(let timeout):
            let own = start.addingSaturating(timeout.after.nanoseconds)
            return run(index + 1, start, own < limit.at ? Limit(at: own, element: index) : limit, enclosing, isFirst: isFirst)
        case .retry(let retry, _): return run(retry, index, start, limit, enclosing, isFirst: isFirst)
        case .hedge(let hedge, _): return run(hedge, index, start, limit, enclosing, isFirst: isFirst)
        case .circuitBreaker, .rateLimiter, .bulkhead, .adaptiveLimiter, .throttle, .shed, .chaos:
            return run(index + 1, start, limit, enclosing, isFirst: isFirst)
        }
    }

    private mutating func attempt(_ start: Int64, _ limit: Limit) -> End? {
        guard attempts < Self.maximumAttempts else {
            isCutShort = true
            return nil
        }
        attempts += 1
        let end: End?
        switch service {
        case .fails(let error, let after) where start.addingSaturating(after) < limit.at:
            end = End(at: start.addingSaturating(after), error: error)
        case .answers(let after) where start.addingSaturating(after) < limit.at:
            end = End(at: start.addingSaturating(after), error: nil)
        case .hangs, .fails, .answers:
            end = limit.at < .max ? End(at: limit.at, error: timeoutError(limit, start)) : nil
        }
        spans.append(
            .init(
                kind: .attempt(attempts), start: .nanoseconds(start), end: end.map { .nanoseconds($0.at) },
                outcome: end.map { $0.error.map(Self.words) ?? "answered" } ?? "never ends"))
        return end
    }

    private func timeoutError(_ limit: Limit, _ start: Int64) -> TimeoutError {
        guard let index = limit.element, case .timeout(let timeout) = elements[index].settings else {
            return TimeoutError(policy: nil, scope: .deadline, after: .nanoseconds(limit.at - start))
        }
        let isInner = elements[..<index].contains { $0.kind == .timeout }
        return TimeoutError(policy: elements[index].name, scope: isInner ? .attempt : .total, after: timeout.after)
    }

    // MARK: Retry

    private mutating func run(
        _ retry: Retry.Configuration, _ index: Int, _ start: Int64, _ limit: Limit, _ enclosing: [Enclosing], isFirst: Bool
    ) -> End? {
        let budget = budgets[index]
        if isFirst { deposit(budget, start) }
        var now = start
        var previous: Duration?
        var number = 1
        while true {
            let inside = enclosing + [Enclosing(retry: retry, attempt: number)]
            guard let end = run(index + 1, now, limit, inside, isFirst: isFirst && number == 1) else { return nil }
            guard let error = end.error, let (maxAttempts, backoff) = retry.plan(for: error), maxAttempts > 1 else { return end }
            let enclosingActs = enclosing.contains { $0.willAct(on: error) }
            if !enclosingActs { budget?.record(failed: true) }
            guard isIdempotent, !enclosingActs, number < maxAttempts else { return end }
            let bounds = backoff.bounds(retry: number, previous: previous)
            let wait = draw == .longest ? bounds.upper : bounds.lower
            let next = end.at.addingSaturating(wait.nanoseconds)
            guard next < limit.at, take(budget, end.at) else { return end }
            previous = wait
            number += 1
            if wait > .zero {
                spans.append(
                    .init(
                        kind: .backoff(before: attempts + 1), start: .nanoseconds(end.at), end: .nanoseconds(next), outcome: ""))
            }
            now = next
        }
    }

    private func deposit(_ budget: RetryBudget?, _ now: Int64) {
        clock.run(until: Instant(nanoseconds: now))
        var attempt = Attempt(clock.timeSource)
        budget?.deposit(&attempt)
    }

    private func take(_ budget: RetryBudget?, _ now: Int64) -> Bool {
        guard let budget else { return true }
        clock.run(until: Instant(nanoseconds: now))
        var attempt = Attempt(clock.timeSource)
        return budget.take(&attempt)
    }

    // MARK: Hedge

    private mutating func run(
        _ hedge: Hedge.Configuration, _ index: Int, _ start: Int64, _ limit: Limit, _ enclosing: [Enclosing], isFirst: Bool
    ) -> End? {
        guard isIdempotent, let delay = delay(of: hedge) else {
            return run(index + 1, start, limit, enclosing, isFirst: isFirst)
        }
        let budget = budgets[index]
        // A retry further out that has the same budget has told it of the call.
        let isAccounted = budget.map { budget in budgets.contains { $0.key < index && $0.value === budget } } ?? true
        if !isAccounted { deposit(budget, start) }
        let firstSpan = spans.count
        var machine = HedgeStateMachine(delay: delay.nanoseconds, maxExtra: hedge.maxExtra, now: Instant(nanoseconds: start))
        var ends: [Int: End] = [:]
        var running: Set<Int> = [1]
        ends[1] = run(index + 1, start, limit, enclosing, isFirst: isFirst)
        var now = start
        while !isCutShort {
            switch machine.next(Instant(nanoseconds: now)) {
            case .start(let number):
                guard now < limit.at, take(budget, now) else {
                    machine.refused(number, Instant(nanoseconds: now))
                    continue
                }
                running.insert(number)
                ends[number] = run(index + 1, now, limit, enclosing, isFirst: isFirst)
            case .wait(let until):
                let next = running.compactMap { number in ends[number].map { (number: number, at: $0.at) } }
                    .min { ($0.at, $0.number) < ($1.at, $1.number) }
                guard let next, next.at <= until?.nanoseconds ?? .max else {
                    guard let until else { return nil }
                    now = until.nanoseconds
                    continue
                }
                now = next.at
                running.remove(next.number)
                let error = ends[next.number]!.error
                if !isAccounted { budget?.record(failed: error != nil) }
                machine.ended(next.number, error.map(hedge.end) ?? .acceptable, Instant(nanoseconds: now))
            case .finish(let winner):
                cancelSpans(from: firstSpan, at: now)
                return ends[winner].map { end in
                    // What ran out further in is this limit's affair when it has passed by now.
                    let isLate = now >= limit.at && (end.error as? any StatusError)?.code == .deadlineExceeded
                    return End(at: now, error: isLate ? timeoutError(limit, start) : end.error)
                }
            case .cancel:
                preconditionFailure("nobody leaves a call that is only reckoned")
            }
        }
        return nil
    }

    /// Ends what a hedge no longer waits for.
    private mutating func cancelSpans(from first: Int, at now: Int64) {
        for index in spans.indices[first...] where (spans[index].end?.nanoseconds ?? .max) > now {
            spans[index] = .init(kind: spans[index].kind, start: spans[index].start, end: .nanoseconds(now), outcome: "cancelled")
        }
    }

    /// A quantile is not known before the service has been measured, and may be next to nothing then.
    private func delay(of hedge: Hedge.Configuration) -> Duration? {
        switch hedge.after {
        case .fixed(let delay): delay
        case .quantile: draw == .shortest ? .zero : nil
        }
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let timeout as TimeoutError: "\(timeout.scope.rawValue) timeout after \(Words.time(timeout.after))"
        case let status as any StatusError: status.code.name
        default: "\(error)"
        }
    }
}

extension Retry.Configuration {
    /// How a failure is retried; nil if it is not.
    func plan(for error: any Error) -> (maxAttempts: Int, backoff: Backoff)? {
        if let rule = rules.first(where: { $0.on.matches(error) }) { return (rule.maxAttempts ?? maxAttempts, rule.backoff ?? backoff) }
        return on.matches(error) ? (maxAttempts, backoff) : nil
    }
}

extension CallSimulation.Enclosing {
    fileprivate func willAct(on error: any Error) -> Bool {
        retry.plan(for: error).map { attempt < $0.maxAttempts } ?? false
    }
}

extension Hedge.Configuration {
    /// What a failure means for the other attempts.
    func end(with error: any Error) -> HedgeStateMachine.End {
        let outcome = Classification.standard.outcome(of: error)
        if let nonFatal {
            guard nonFatal.matches(error) else { return .fatal }
        } else if outcome == .success {
            return .acceptable
        }
        return .failed(outcome == .failure || nonFatal != nil ? .atOnce : .never)
    }
}
