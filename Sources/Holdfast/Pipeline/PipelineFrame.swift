/// One call's way through a pipeline: what was admitted, by when it must end, who has to hear about it.
@usableFromInline
package struct PipelineFrame: Sendable {
    /// Which limit the nearest deadline comes from.
    private struct Limit {
        var instant: Instant
        /// The index of the timeout's stage; -1 for a deadline from outside.
        var stage: Int
        var nanoseconds: Int64
    }

    private let pipeline: Pipeline
    private var attempt: Attempt
    private var limit: Limit? {
        didSet { attempt.deadline = limit?.instant }
    }
    private var tickets = TicketList()

    @usableFromInline
    package init(_ pipeline: Pipeline, deadline: Instant?) {
        self.pipeline = pipeline
        attempt = Attempt(pipeline.timeSource)
        if let outer = Self.nearest(deadline, Call.current?.deadline) {
            limit = Limit(instant: outer, stage: -1, nanoseconds: attempt.now().duration(to: outer).nanoseconds)
            attempt.deadline = outer
        }
    }

    @usableFromInline
    package static func nearest(_ a: Instant?, _ b: Instant?) -> Instant? {
        guard let a, let b else { return a ?? b }
        return min(a, b)
    }

    @usableFromInline
    package var call: Call {
        Call(pipeline: pipeline.name, deadline: limit?.instant, attempt: 1, timeSource: pipeline.timeSource)
    }

    /// Passes every stage, outermost first; on refusal those already passed are settled.
    @usableFromInline
    package mutating func enter() async throws {
        if let limit, limit.instant <= attempt.now() {
            throw Rejection(policy: pipeline.name, kind: .timeout, reason: .deadlinePassed)
        }
        var start = 0
        while let waiting = try pass(from: start) {
            try await wait(at: waiting)
            start = waiting + 1
        }
    }

    /// Passes the stages from `start` on, as far as that goes without waiting.
    /// - Returns: the index of a gate that the call must queue at; nil when all are passed.
    private mutating func pass(from start: Int) throws -> Int? {
        for index in start..<pipeline.stages.count {
            switch pipeline.stages[index] {
            case .timeout(let timeout):
                let nanoseconds = timeout.configuration.nanoseconds
                let instant = attempt.now().advanced(byNanoseconds: nanoseconds)
                if limit == nil || instant < limit!.instant { limit = Limit(instant: instant, stage: index, nanoseconds: nanoseconds) }
            case .gate(let gate):
                switch gate.admit(&attempt) {
                case .admitted(let ticket):
                    tickets.append(ticket)
                case .rejected(let rejection):
                    settle(before: index, .failed(rejection))
                    throw rejection
                case .mustWait:
                    return index
                }
            }
        }
        return nil
    }

    private mutating func wait(at index: Int) async throws {
        guard case .gate(let gate) = pipeline.stages[index] else { preconditionFailure("only gates have queues") }
        attempt.passTime()
        do {
            tickets.append(try await gate.waitForPermit(attempt))
        } catch {
            settle(before: index, .failed(error))
            throw error
        }
        attempt.passTime()
        if let limit, limit.instant <= attempt.now() {
            let rejection = Rejection(policy: gate.name, kind: gate.kind, reason: .deadlinePassed)
            settle(before: index + 1, .failed(rejection))
            throw rejection
        }
    }

    /// The first message of the attempt's streamed answer has come.
    package mutating func answered() {
        attempt.passTime()
        var number = 0
        for case .gate(let gate) in pipeline.stages {
            tickets[number] = gate.answered(tickets[number], &attempt)
            number += 1
        }
    }

    /// The attempt returned a value.
    @usableFromInline
    package mutating func succeed() {
        settle(.succeeded)
    }

    /// The attempt threw `error`.
    /// - Returns: what the caller is to see: the timeout that `error` stands for, or `error` itself.
    @usableFromInline
    package mutating func fail(_ error: any Error) -> any Error {
        attempt.passTime()
        guard let (timedOut, policy) = timeout(behind: error) else {
            // A caller that went away may be told so in the operation's own words.
            let code = (error as? any StatusError)?.code
            let isOwnWord = Task.isCancelled && (code == nil || code == .cancelled)
            settle(before: pipeline.stages.count, isOwnWord ? .judged(.cancelled) : .failed(error))
            return error
        }
        settle(before: pipeline.stages.count, .failed(timedOut), isCutOff: true)
        policy?.expired(timedOut)
        return timedOut
    }

    /// Settles every ticket, innermost first.
    package mutating func settle(_ completion: Completion) {
        attempt.passTime()
        settle(before: pipeline.stages.count, completion)
    }

    /// The timeout that an error stands for, if the deadline has passed: the operation itself only saw a cancellation, or
    /// has its own word for it (S1).
    private mutating func timeout(behind error: any Error) -> (TimeoutError, Timeout?)? {
        guard let limit, !(error is Rejection), limit.instant <= attempt.now() else { return nil }
        let code = (error as? any StatusError)?.code
        if error is CancellationError || code == .cancelled {
            // The caller went away, unless it was the enclosing pipeline's timeout that cancelled this task.
            let enclosing = Call.current?.deadline ?? .distantFuture
            if Task.isCancelled, enclosing > attempt.now() { return nil }
        } else if code != .deadlineExceeded {
            return nil
        }
        let after = Duration.nanoseconds(limit.nanoseconds)
        guard limit.stage >= 0, case .timeout(let policy) = pipeline.stages[limit.stage] else {
            return (TimeoutError(policy: nil, scope: .deadline, after: after), nil)
        }
        let isInner = pipeline.stages[..<limit.stage].contains { if case .timeout = $0 { true } else { false } }
        return (TimeoutError(policy: policy.name, scope: isInner ? .attempt : .total, after: after), policy)
    }

    private mutating func settle(before end: Int, _ completion: Completion, isCutOff: Bool = false) {
        var index = end - 1
        var hasTimeoutInside = false
        while index >= 0 {
            switch pipeline.stages[index] {
            case .timeout:
                hasTimeoutInside = true
            case .gate(let gate):
                gate.settle(tickets.removeLast(), isCutOff ? judged(completion, at: index, hasTimeoutInside) : completion, &attempt)
            }
            index -= 1
        }
    }

    /// An attempt cut off by a deadline from further out that left it less than its own timeout says nothing about the
    /// service (S7). Without a timeout of its own, a hang must still count, or it would never open the breaker (S1).
    private func judged(_ completion: Completion, at index: Int, _ hasTimeoutInside: Bool) -> Completion {
        guard case .failed(let error) = completion, error is TimeoutError, let limit else { return completion }
        return limit.stage < index && hasTimeoutInside ? .judged(.ignored) : completion
    }
}

/// The tickets of a call's gates; the first four need no allocation.
private struct TicketList {
    private var count = 0
    private var first = Ticket()
    private var second = Ticket()
    private var third = Ticket()
    private var fourth = Ticket()
    private var more: [Ticket] = []

    mutating func append(_ ticket: Ticket) {
        switch count {
        case 0: first = ticket
        case 1: second = ticket
        case 2: third = ticket
        case 3: fourth = ticket
        default: more.append(ticket)
        }
        count += 1
    }

    mutating func removeLast() -> Ticket {
        count -= 1
        return count < 4 ? self[count] : more.removeLast()
    }

    subscript(number: Int) -> Ticket {
        get {
            switch number {
            case 0: first
            case 1: second
            case 2: third
            case 3: fourth
            default: more[number - 4]
            }
        }
        set {
            switch number {
            case 0: first = newValue
            case 1: second = newValue
            case 2: third = newValue
            case 3: fourth = newValue
            default: more[number - 4] = newValue
            }
        }
    }
}
