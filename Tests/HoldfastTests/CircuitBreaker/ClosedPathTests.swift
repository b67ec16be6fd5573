import Testing

@testable import Holdfast

@Suite("Circuit breaker: what is done without the lock")
struct ClosedPathTests {
    /// An error with a wish to stay away.
    private struct Busy: StatusError {
        let code: StatusCode
        let retryAfter: Duration?
    }

    /// The bare machine beside a breaker that is given the same events, and a count of what it was given.
    private struct Model {
        var machine: CircuitBreakerStateMachine
        var random: RandomSource
        var counters = PolicyCounters()

        mutating func settle(_ ticket: Ticket, _ completion: Completion, _ now: Instant) {
            var outcome = Outcome.success
            var retryAfter: Duration?
            var isSuperseded = false
            switch completion {
            case .succeeded: break
            case .judged(let judged): outcome = judged
            case .superseded:
                outcome = .cancelled
                isSuperseded = true
            case .failed(let error):
                outcome = machine.configuration.classification.outcome(of: error)
                retryAfter = (error as? any StatusError)?.retryAfter
            }
            switch outcome {
            case .success: counters.succeeded += 1
            case .failure: counters.failed += 1
            case .ignored: counters.ignored += 1
            case .cancelled: counters.cancelled += 1
            }
            machine.settle(ticket, outcome, now, retryAfter: retryAfter, isSuperseded: isSuperseded, random: &random)
            counters.stale = machine.staleResults
        }
    }

    private static func configuration(_ random: inout SplitMix64State, hasSlowCalls: Bool) throws -> CircuitBreaker.Configuration {
        func one<Value>(_ values: Value...) -> Value { values.randomElement(using: &random)! }
        let count = one(1, 2, 3, 5, 10)
        let window = one(CircuitBreaker.Configuration.Window.count(count), .time(.nanoseconds(100)), .time(.nanoseconds(1000), buckets: 20))
        return try CircuitBreaker.Configuration(
            window: window, minimumCalls: one(1, 1, min(3, count)), failureRate: one(nil, 0, 0.3, 0.5, 0.5, 0.9, 1),
            consecutiveFailures: one(nil, nil, 2, 4),
            slowCalls: !hasSlowCalls && Bool.random(using: &random)
                ? nil : one(.init(over: .nanoseconds(30), rate: 0.6), .init(over: .nanoseconds(40), rate: 1, countRunning: true)),
            open: .init(for: .nanoseconds(one(5, 50)), factor: one(1, 2), max: .nanoseconds(200), jitter: one(0, 0.5)),
            halfOpen: .init(probes: one(1, 2, 4), failureRate: one(nil, 0.5), lease: one(nil, .nanoseconds(30))),
            rampAfterClose: one(.zero, .zero, .nanoseconds(60)), mode: one(.automatic, .automatic, .automatic, .automatic, .observing))
    }

    private static func completion(_ random: inout SplitMix64State) -> Completion {
        switch Int.random(in: 0..<16, using: &random) {
        case 0...8: .succeeded
        case 9: .failed(CancellationError())
        case 10: .superseded
        case 11: .judged([.success, .failure, .ignored, .cancelled].randomElement(using: &random)!)
        case 12: .failed(Busy(code: .resourceExhausted, retryAfter: nil))
        case 13: .failed(Busy(code: .unavailable, retryAfter: .nanoseconds(80)))
        default: .failed(Busy(code: .internalError, retryAfter: nil))
        }
    }

    /// Gives one random row of events to a breaker and to the bare machine.
    /// - Returns: the first difference, in words.
    private static func difference(seed: UInt64, goesBack: Bool) async throws -> String? {
        var random = SplitMix64State(seed: seed)
        // Reading a breaker takes its lock and collects what was counted beside it, so half of the rows read it seldom.
        let readsOften = seed % 2 == 0
        let clock = HandClock()
        let first = try configuration(&random, hasSlowCalls: goesBack)
        let breaker = CircuitBreaker("say", first, timeSource: clock.timeSource, random: RandomSource(seed: seed))
        var model = Model(machine: CircuitBreakerStateMachine(first, now: clock.now()), random: RandomSource(seed: seed))
        var tickets: [Ticket] = []
        var time: Int64 = 0
        for step in 0..<60 {
            time += [0, 0, 1, 3, 7, 20, 60].randomElement(using: &random)!
            if goesBack, Int.random(in: 0..<8, using: &random) == 0 { time -= 50 }
            clock.set(time)
            let now = clock.now()
            var attempt = Attempt(clock.timeSource)
            switch Int.random(in: 0..<60, using: &random) {
            case 0..<26:
                attempt.deadline = Bool.random(using: &random) ? now + .nanoseconds(25) : nil
                let expected = model.machine.admit(now, deadline: attempt.deadline, random: &model.random)
                switch (breaker.admit(&attempt), expected) {
                // Without the lock a ticket's slot, below zero, says only where it was counted.
                case (.admitted(let ticket), .admitted(let other))
                where ticket.generation == other.generation && ticket.mark == other.mark && max(ticket.slot, 0) == other.slot:
                    model.counters.admitted += 1
                    tickets.append(ticket)
                case (.rejected(let rejection), .rejected(let reason, let retryAfter))
                where rejection.reason == reason && rejection.retryAfter == retryAfter:
                    model.counters.rejected += 1
                case (let admission, _): return "step \(step) at \(time): \(admission), not \(expected)"
                }
            case 26..<52:
                guard !tickets.isEmpty else { continue }
                let ticket = tickets.remove(at: Int.random(in: tickets.indices, using: &random))
                let completion = completion(&random)
                breaker.settle(ticket, completion, &attempt)
                model.settle(ticket, completion, now)
            case 52..<54:
                // From then on a success need not read the clock, and what the breaker did not see it cannot know.
                guard !goesBack, let index = tickets.indices.randomElement(using: &random) else { continue }
                let expected = model.machine.answered(tickets[index], now, random: &model.random)
                tickets[index] = breaker.answered(tickets[index], &attempt)
                if tickets[index] != expected { return "step \(step) at \(time): answered, \(tickets[index]), not \(expected)" }
            case 54..<57:
                let new = try configuration(&random, hasSlowCalls: goesBack)
                await breaker.reconfigure(new)
                model.machine.reconfigure(new, now, random: &model.random)
            case 57:
                let (mode, control): (CircuitBreaker.Configuration.Mode, @Sendable (CircuitBreaker) async -> Void) =
                    [
                        (.isolated, { await $0.isolate() }), (.disabled, { await $0.disable() }), (.observing, { await $0.observe() }),
                        (.automatic, { await $0.release() }),
                    ].randomElement(using: &random)!
                await control(breaker)
                model.machine.control(mode, now, because: "by hand")
            case 58:
                await breaker.reset()
                model.machine.reset(now)
            default:
                await breaker.trip()
                model.machine.trip(now, random: &model.random)
            }
            guard readsOften || step == 59 || Int.random(in: 0..<12, using: &random) == 0 else { continue }
            let (state, expected) = (breaker.state, model.machine.state(now, random: &model.random))
            if state != expected { return "step \(step) at \(time): \(state), not \(expected)" }
            let (snapshot, whole) = (breaker.snapshot(), model.machine.snapshot(now, random: &model.random))
            if snapshot != whole { return "step \(step) at \(time): \(snapshot), not \(whole)" }
            model.counters.stale = model.machine.staleResults
            let counters = breaker.counters
            if counters != model.counters { return "step \(step) at \(time): \(counters), not \(model.counters)" }
        }
        return nil
    }

    @Test(
        "S13, S21: a breaker decides and counts as its machine alone would, whatever it does without the lock; clocks that go back included",
        arguments: [false, true])
    func againstTheMachine(goesBack: Bool) async throws {
        for seed in 0..<10_000 as Range<UInt64> {
            // Compared first: the macro costs a thousand times the comparison.
            if let difference = try await Self.difference(seed: seed, goesBack: goesBack) {
                Issue.record("seed \(seed), \(difference)")
                return
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    @Test(
        "S11: 64 tasks lose no success and count none twice, whoever else takes the lock, goes away or reconfigures",
        arguments: [CircuitBreaker.Configuration.Window.count(100_000), .time(.seconds(3600)), .time(.milliseconds(10))])
    func exactInParallel(window: CircuitBreaker.Configuration.Window) async throws {
        let configuration = try CircuitBreaker.Configuration(
            window: window, minimumCalls: 1, failureRate: 1, slowCalls: .init(over: .seconds(600), rate: 1))
        let other = try CircuitBreaker.Configuration(window: window, minimumCalls: 3, failureRate: 1)
        let breaker = CircuitBreaker("say", configuration)
        // Without a success in the window, one failure would open it.
        try await breaker.run {}
        var tasks: [Task<[Outcome: Int], Never>] = []
        for seed in 0..<64 as Range<UInt64> {
            let task = Task {
                var random = SplitMix64State(seed: seed)
                var ended: [Outcome: Int] = [:]
                for _ in 0..<300 {
                    guard let permit = try? breaker.admit() else { continue }
                    if Int.random(in: 0..<8, using: &random) == 0 { await Task.yield() }
                    let outcome: Outcome
                    switch Int.random(in: 0..<40, using: &random) {
                    case 0: outcome = .ignored
                    case 1 where !window.isTimed: outcome = .failure
                    case 2: _ = breaker.snapshot(); outcome = .success
                    case 3 where seed % 8 == 0:
                        await breaker.reconfigure(Bool.random(using: &random) ? configuration : other)
                        outcome = .success
                    default: outcome = Task.isCancelled ? .cancelled : .success
                    }
                    ended[outcome, default: 0] += 1
                    permit.settle(outcome == .success ? .succeeded : .judged(outcome))
                }
                return ended
            }
            tasks.append(task)
            if seed % 5 == 0 { task.cancel() }
        }
        var ended: [Outcome: Int] = [.success: 1]
        for task in tasks { ended.merge(await task.value, uniquingKeysWith: +) }
        let counters = breaker.counters
        #expect(counters.admitted == ended.values.reduce(0, +))
        #expect(counters.rejected == 0 && counters.stale == 0)
        #expect(counters.succeeded == ended[.success] && counters.failed == ended[.failure, default: 0])
        #expect(counters.ignored == ended[.ignored] && counters.cancelled == ended[.cancelled, default: 0])
        // The last window was long enough to forget nothing.
        if window != .time(.milliseconds(10)) { #expect(breaker.snapshot().calls == counters.succeeded + counters.failed) }
        #expect(breaker.state == .closed)
    }

    @Test("S18: 64 tasks trip, close and cancel at random, and every probe's slot comes back")
    func probesInParallel() async throws {
        let breaker = CircuitBreaker(
            "say",
            try .init(
                window: .count(20), minimumCalls: 5, failureRate: 0.5, open: .init(for: .nanoseconds(1), factor: 1, max: .nanoseconds(1)),
                halfOpen: .init(probes: 4)))
        let tasks = (0..<64 as Range<UInt64>).map { seed in
            let task = Task {
                var random = SplitMix64State(seed: seed)
                var (admitted, refused) = (0, 0)
                for _ in 0..<200 {
                    do {
                        let mustFail = Int.random(in: 0..<3, using: &random) == 0
                        try await breaker.run {
                            admitted += 1
                            await Task.yield()
                            try Task.checkCancellation()
                            if mustFail { throw Busy(code: .unavailable, retryAfter: nil) }
                        }
                    } catch is Rejection {
                        refused += 1
                    } catch {}
                    switch Int.random(in: 0..<100, using: &random) {
                    case 0: await breaker.trip()
                    case 1: await breaker.reset()
                    default: break
                    }
                }
                return (admitted, refused)
            }
            if seed % 4 == 0 { task.cancel() }
            return task
        }
        var (admitted, refused) = (0, 0)
        for task in tasks {
            let result = await task.value
            admitted += result.0
            refused += result.1
        }
        let counters = breaker.counters
        #expect(counters.admitted == admitted && counters.rejected == refused)
        #expect(counters.succeeded + counters.failed + counters.cancelled == admitted)
        await breaker.trip()
        while breaker.state == .open { await Task.yield() }
        #expect(breaker.snapshot().probesAvailable == 4)
    }

    @Test("S21: a call that starts after the clock went back is measured from the latest time seen")
    func backwardClock() throws {
        let clock = HandClock()
        let breaker = CircuitBreaker(
            "say", try .init(window: .count(10), minimumCalls: 1, slowCalls: .init(over: .nanoseconds(50), rate: 1)),
            timeSource: clock.timeSource)
        // The first is recorded under the lock, the second beside it.
        for time in [500, 1000] as [Int64] {
            clock.set(time)
            try breaker.admit().settle(.succeeded)
        }
        clock.set(90)
        let failing = try breaker.admit()
        clock.set(95)
        failing.settle(.judged(.failure))
        #expect(breaker.snapshot().slow == 0)
        // Slow or not, a call is judged by the latest time seen, whether the lock is taken or not.
        let slow = try breaker.admit()
        clock.set(2000)
        try breaker.admit().settle(.succeeded)
        clock.set(96)
        slow.settle(.succeeded)
        #expect(breaker.snapshot().slow == 1)
    }

    @Test("S21: an open breaker that has seen its end near does not move it away when the clock goes back")
    func backwardClockWhileOpen() async throws {
        let clock = HandClock()
        let breaker = CircuitBreaker(
            "say", try .init(open: .exactly(.nanoseconds(100))), timeSource: clock.timeSource)
        await breaker.trip()
        for (time, left) in [(90, 10), (20, 10)] as [(Int64, Int)] {
            clock.set(time)
            let rejection = #expect(throws: Rejection.self) { _ = try breaker.admit() }
            #expect(rejection?.retryAfter == .nanoseconds(left))
        }
    }
}
