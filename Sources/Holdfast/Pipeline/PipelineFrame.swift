/// One call's way through a pipeline: what was admitted, by when it must end, who has to hear about it.
///
/// A state machine over the stages: whoever drives it does what each ``Step`` says and tells it how that ended. Gates, timeouts,
/// retries and chaos policies need no layer of their own, so a call is one frame, however many policies stand around it.
@usableFromInline
package struct PipelineFrame: ~Copyable, Sendable {
    @usableFromInline var attempt: Attempt
    @usableFromInline var limit = Limit()
    /// Whether that leaves the attempt less than the innermost timeout passed would.
    @usableFromInline var isCutShort = false
    @usableFromInline var tickets = StageTickets()
    /// How many stages are passed.
    @usableFromInline var passed = 0
    @usableFromInline var attemptNumber = 1
    @usableFromInline var retrying: Retrying?
    /// The retries further out than ``retrying``, outermost first.
    @usableFromInline var outerRetrying: [Retrying] = []
    @usableFromInline var delay = Delay.none
    @usableFromInline var enclosing = EnclosingCall()
    @usableFromInline let hedged: HedgeAttempt?
    @usableFromInline var isRepeatable: Bool

    /// Begins a call.
    /// - Parameters:
    ///   - hedged: which attempt of a hedge the call is, if it is one.
    ///   - isRepeatable: false for what cannot be done over, such as a stream that its caller reads and writes.
    @usableFromInline
    package init(
        _ pipeline: borrowing Pipeline, deadline: Instant?, attributes: CallAttributes = CallAttributes(),
        hedged: HedgeAttempt? = nil, isRepeatable: Bool = true
    ) {
        self.isRepeatable = isRepeatable
        self.hedged = hedged
        attempt = Attempt(pipeline.timeSource, deadline: deadline, attributes: attributes)
    }

    @usableFromInline
    package static func nearest(_ a: Instant?, _ b: Instant?) -> Instant? {
        guard let a, let b else { return a ?? b }
        return min(a, b)
    }

    /// What the operation is told.
    @usableFromInline
    package func call(_ pipeline: borrowing Pipeline) -> Call {
        Call(
            pipeline: pipeline.name, deadline: attempt.deadline, attempt: attemptNumber, timeSource: pipeline.timeSource,
            isCutShort: isCutShort, hedge: hedged?.number ?? 1)
    }

    /// Whether there is anything to tell a nested pipeline that it does not find further out.
    @usableFromInline
    package var hasScope: Bool { attempt.deadline != nil || retrying != nil }

    /// What nested pipelines are told.
    @usableFromInline
    package func scope(_ pipeline: borrowing Pipeline) -> EnclosingCall {
        var retried = enclosing.retried
        // A retry that may not repeat this call is none that those further in should wait for.
        if attempt.attributes.isIdempotent, isRepeatable {
            if let retrying { retried = retried.union(selection(of: retrying, pipeline)) }
            for retrying in outerRetrying { retried = retried.union(selection(of: retrying, pipeline)) }
        }
        return EnclosingCall(limit: limit.instant, attempt: attemptNumber, retried: retried)
    }

    // MARK: Steps

    /// Begins: passes every stage, outermost first, as far as that goes without waiting.
    @usableFromInline
    package mutating func enter(_ pipeline: borrowing Pipeline) -> Step {
        enclosing = Call.enclosing
        // A retry in the outer part of the same pipeline counts the attempts; it always tells.
        if pipeline.surroundings.hasRetry { attemptNumber = max(enclosing.attempt, 1) }
        let outer = min(attempt.deadline ?? .distantFuture, enclosing.limit)
        if outer < .distantFuture {
            limit = Limit(instant: outer, stage: -1, nanoseconds: attempt.now().duration(to: outer).nanoseconds)
            attempt.deadline = outer
        }
        return hasTime() ? pass(pipeline) : refuseForLackOfTime(pipeline)
    }

    /// Waits for what the last step named, then goes on. It never throws: a caller that went away is a failure like others.
    @usableFromInline
    package nonisolated(nonsending) mutating func proceed(_ pipeline: Pipeline) async -> Step {
        let delay = delay
        self.delay = .none
        attempt.passTime()
        do {
            switch delay {
            case .none: break
            case .queue(let stage):
                guard case .gate(let gate) = pipeline.stages[stage] else { preconditionFailure("only gates have queues") }
                tickets[stage] = try await gate.waitForPermit(attempt)
                passed = stage + 1
                attempt.passTime()
                if limit.instant <= attempt.now() {
                    return fail(Rejection(policy: gate.name, kind: gate.kind, reason: .deadlinePassed), pipeline)
                }
            case .backoff(let instant):
                try await pipeline.timeSource.sleep(until: instant)
                attempt.passTime()
                guard hasTime() else { return refuseForLackOfTime(pipeline) }
            case .injection(let injections, let stage):
                passed = stage + 1
                if let latency = injections.latency {
                    let end = attempt.now().advanced(by: latency)
                    try await pipeline.timeSource.sleep(until: min(end, limit.instant))
                    if end > limit.instant { throw CancellationError() }
                }
                if let behavior = injections.behavior {
                    let deadline = limit.instant < .distantFuture ? limit.instant : nil
                    try await TimedOperation.run(until: deadline, pipeline.timeSource, behavior).get()
                    attempt.passTime()
                    if limit.instant <= attempt.now() { throw CancellationError() }
                }
                attempt.passTime()
                if let step = answer(injections, pipeline) { return step }
            }
        } catch {
            return fail(error, pipeline)
        }
        return pass(pipeline)
    }

    /// A chaos policy's value is given in place of the attempt's.
    @usableFromInline
    package func substitute(_ pipeline: borrowing Pipeline) {
        guard case .chaos(let chaos) = pipeline.stages[passed - 1] else { return }
        chaos.noteOutcome()
    }

    /// Goes on as if a chaos policy had put nothing in place of the attempt: what it has is no value of the operation's type.
    @usableFromInline
    package mutating func leaveAlone(_ pipeline: borrowing Pipeline) -> Step {
        pass(pipeline)
    }

    /// The attempt returned a value.
    @usableFromInline
    package mutating func succeed(_ pipeline: borrowing Pipeline) {
        attempt.passTime()
        settle(pipeline, .succeeded)
    }

    /// The attempt, or a policy, threw `error`; a retry decides whether there is another attempt.
    ///
    /// The error that the call ends with is the timeout that `error` stands for, or `error` itself.
    @usableFromInline
    package mutating func fail(_ error: any Error, _ pipeline: borrowing Pipeline) -> Step {
        attempt.passTime()
        if let (timedOut, policy) = timeout(behind: error, pipeline) {
            policy?.expired(timedOut)
            return unwind(pipeline, .failed(timedOut), timedOut, isCutOff: true)
        }
        // A caller that went away may be told so in the operation's own words, and so may an attempt that lost.
        let code = (error as? any StatusError)?.code
        let isOwnWord = Task.isCancelled && (code == nil || code == .cancelled)
        if isOwnWord || error is CancellationError, hedged?.isSuperseded == true { return unwind(pipeline, .superseded, error) }
        return unwind(pipeline, isOwnWord ? .judged(.cancelled) : .failed(error), error)
    }

    /// The first message of the attempt's streamed answer has come.
    package mutating func answered(_ pipeline: borrowing Pipeline) {
        attempt.passTime()
        for index in 0..<passed {
            guard case .gate(let gate) = pipeline.stages[index] else { continue }
            tickets[index] = gate.answered(tickets[index], &attempt)
        }
    }

    /// The attempt ended in a way that is already judged.
    package mutating func end(_ pipeline: borrowing Pipeline, _ completion: Completion) {
        attempt.passTime()
        settle(pipeline, completion)
    }

    // MARK: The way in

    /// Passes the stages not passed yet, as far as that goes without waiting.
    private mutating func pass(_ pipeline: borrowing Pipeline) -> Step {
        while passed < pipeline.row.count {
            let index = passed
            switch pipeline.row[index] {
            case .circuitBreaker(let breaker): if let step = pass(breaker, pipeline) { return step }
            case .rateLimiter(let limiter): if let step = pass(limiter, pipeline) { return step }
            case .bulkhead(let bulkhead): if let step = pass(bulkhead, pipeline) { return step }
            case .gate(let gate): if let step = pass(gate, pipeline) { return step }
            case .timeout(let timeout):
                let now = attempt.now()
                let nanoseconds = timeout.limitNanoseconds
                tickets[index] = Ticket(mark: now)
                let instant = now.advanced(byNanoseconds: nanoseconds)
                isCutShort = instant >= limit.instant
                if !isCutShort {
                    limit = Limit(instant: instant, stage: index, nanoseconds: nanoseconds)
                    attempt.deadline = instant
                }
            case .retry(let retry):
                if let retrying { outerRetrying.append(retrying) }
                retrying = Retrying(stage: index, limit: limit, progress: retry.newProgress)
                // Attempts that a retry further out repeats are no calls of their own (S62).
                if attemptNumber == 1 { retry.begin(&attempt) }
            case .hedge:
                // A layer of its own; for what cannot run twice it stands aside.
                break
            case .chaos(let chaos):
                guard chaos.isEnabled else { break }
                let injections = chaos.draw()
                if injections.latency != nil || injections.behavior != nil {
                    delay = .injection(injections, stage: index)
                    return .proceed
                }
                passed = index + 1
                if let step = answer(injections, pipeline) { return step }
            }
            passed = index + 1
        }
        return hasTime() ? .run : refuseForLackOfTime(pipeline)
    }

    /// Passes a gate; nil if it let the attempt through at once.
    @inline(__always)
    private mutating func pass(_ gate: some Gate, _ pipeline: borrowing Pipeline) -> Step? {
        switch gate.admit(&attempt) {
        case .admitted(let ticket):
            tickets[passed] = ticket
            return nil
        case .rejected(let rejection):
            return unwind(pipeline, .failed(rejection), rejection)
        case .mustWait:
            delay = .queue(stage: passed)
            return .proceed
        }
    }

    /// Whether anything is left before the deadline (S40).
    private mutating func hasTime() -> Bool {
        limit.instant == .distantFuture || attempt.now() < limit.instant
    }

    /// What an injection puts in place of the attempt; nil for nothing.
    private mutating func answer(_ injections: Chaos.Injections, _ pipeline: borrowing Pipeline) -> Step? {
        if let fault = injections.fault { return fail(fault, pipeline) }
        return injections.outcome.map { .answer($0) }
    }

    private mutating func refuseForLackOfTime(_ pipeline: borrowing Pipeline) -> Step {
        let rejection = Rejection(policy: pipeline.name, kind: .timeout, reason: .deadlinePassed)
        return unwind(pipeline, .failed(rejection), rejection)
    }

    // MARK: The way out

    /// Settles the gates, innermost first, until a retry makes another attempt or the call has ended.
    private mutating func unwind(
        _ pipeline: borrowing Pipeline, _ completion: Completion, _ error: any Error, isCutOff: Bool = false
    ) -> Step {
        let failedLimit = limit
        // What is inside of the last stage failed, or a stage refused and nothing further in was begun.
        var hasTimeoutInside = passed == pipeline.row.count && pipeline.surroundings.hasTimeoutInside
        while passed > 0 {
            passed -= 1
            switch pipeline.stages[passed] {
            case .gate(let gate):
                // An attempt cut off by a deadline from further out that left it less than its own timeout says nothing about
                // the service (S7). Without a timeout of its own, a hang must still count, or it would never open the breaker (S1).
                let saysNothing = isCutOff && hasTimeoutInside && failedLimit.stage < passed
                gate.settle(tickets[passed], saysNothing ? .judged(.ignored) : completion, &attempt)
            case .timeout:
                hasTimeoutInside = true
            case .retry(let retry):
                guard var state = retrying else { preconditionFailure("a retry was passed") }
                limit = state.limit
                attempt.deadline = limit.instant < .distantFuture ? limit.instant : nil
                if isRepeatable, case .failed = completion, let step = again(retry, &state, error, pipeline) { return step }
                retrying = outerRetrying.popLast()
            case .hedge, .chaos:
                break
            }
        }
        return .stop(error)
    }

    /// The next attempt of that retry; nil when there is none.
    private mutating func again(
        _ retry: Retry, _ state: inout Retrying, _ error: any Error, _ pipeline: borrowing Pipeline
    ) -> Step? {
        let enclosingWillAct = !enclosing.retried.isEmpty && enclosing.retried.matches(error) || outerRetryWillAct(on: error, pipeline)
        switch retry.decide(&state.progress, error, enclosingWillAct: enclosingWillAct, &attempt) {
        case .stop:
            return nil
        case .again(let wait):
            retrying = state
            attemptNumber = state.progress.attempts
            passed = state.stage + 1
            guard wait > .zero else { return pass(pipeline) }
            delay = .backoff(until: attempt.now().advanced(by: wait))
            return .proceed
        }
    }

    private func outerRetryWillAct(on error: any Error, _ pipeline: borrowing Pipeline) -> Bool {
        for state in outerRetrying {
            if case .retry(let retry) = pipeline.stages[state.stage], retry.willAct(on: error, state.progress) { return true }
        }
        return false
    }

    private func selection(of state: Retrying, _ pipeline: borrowing Pipeline) -> FailureSelector.Bits {
        switch pipeline.row[state.stage] {
        case .retry(let retry): retry.selection(state.progress)
        default: .init()
        }
    }

    private mutating func settle(_ pipeline: borrowing Pipeline, _ completion: Completion) {
        while passed > 0 {
            passed -= 1
            switch pipeline.row[passed] {
            case .circuitBreaker(let breaker): breaker.settle(tickets[passed], completion, &attempt)
            case .bulkhead(let bulkhead): bulkhead.settle(tickets[passed], completion, &attempt)
            case .rateLimiter: break  // A quota is used up by starting.
            case .gate(let gate): gate.settle(tickets[passed], completion, &attempt)
            case .timeout(let timeout): if case .succeeded = completion { timeout.succeeded(since: tickets[passed].mark, &attempt) }
            case .retry(let retry): if case .succeeded = completion { retry.succeeded(&attempt) }
            case .hedge: break
            case .chaos: break
            }
        }
    }

    /// The timeout that an error stands for, if the deadline has passed: the operation itself only saw a cancellation, or
    /// has its own word for it (S1).
    private mutating func timeout(behind error: any Error, _ pipeline: borrowing Pipeline) -> (TimeoutError, Timeout?)? {
        guard limit.instant < .distantFuture, !(error is Rejection), limit.instant <= attempt.now() else { return nil }
        let code = (error as? any StatusError)?.code
        if error is CancellationError || code == .cancelled {
            // The caller went away, unless it was the enclosing pipeline's timeout that cancelled this task.
            if Task.isCancelled, enclosing.limit > attempt.now() { return nil }
        } else if code != .deadlineExceeded {
            return nil
        }
        let after = Duration.nanoseconds(limit.nanoseconds)
        guard limit.stage >= 0, case .timeout(let policy) = pipeline.stages[limit.stage] else {
            return (TimeoutError(policy: nil, scope: .deadline, after: after), nil)
        }
        let isInner =
            pipeline.surroundings.hasTimeout
            || (0..<limit.stage).contains { if case .timeout = pipeline.stages[$0] { true } else { false } }
        return (TimeoutError(policy: policy.name, scope: isInner ? .attempt : .total, after: after), policy)
    }
}
