import Testing

@testable import Holdfast

@Suite("Circuit breaker: decisions")
struct CircuitBreakerStateMachineTests {
    typealias Configuration = CircuitBreaker.Configuration

    static func countWindow(
        _ count: Int = 10, minimum: Int = 5, rate: Double? = 0.5, probes: Int = 3
    ) throws -> Configuration {
        try Configuration(
            window: .count(count), minimumCalls: minimum, failureRate: rate, open: .exactly(.seconds(1)),
            halfOpen: .init(probes: probes, lease: .milliseconds(500)))
    }

    @Test("S11: a count window forgets the oldest call")
    func countWindowForgets() throws {
        let breaker = BreakerScript(try Self.countWindow(4, minimum: 4, rate: 0.75))
        breaker.calls("FFSSS")
        #expect(breaker.snapshot.calls == 4)
        #expect(breaker.snapshot.failed == 1)
        breaker.calls("FF")
        #expect(breaker.state == .closed)
        #expect(breaker.snapshot.failed == 2)
        breaker.calls("F")
        #expect(breaker.state == .open)
    }

    @Test("S11: a time window expires when it is read, bucket by bucket")
    func timeWindowExpiresOnRead() throws {
        let breaker = BreakerScript(
            try Configuration(window: .time(.seconds(1), buckets: 10), minimumCalls: 4, failureRate: 0.9, open: .exactly(.seconds(1))))
        breaker.calls("FF")
        breaker.at(500)
        breaker.calls("S")
        #expect(breaker.snapshot.calls == 3)
        breaker.at(999)
        #expect(breaker.snapshot.calls == 3)
        breaker.at(1000)
        #expect(breaker.snapshot.calls == 1)
        breaker.at(1500)
        #expect(breaker.snapshot.calls == 0)
        breaker.at(1_000_000_000)
        #expect(breaker.snapshot.calls == 0)
    }

    @Test("S11: rollover of a window is no new generation: a call slower than the window still counts")
    func slowerThanTheWindow() throws {
        let breaker = BreakerScript(
            try Configuration(window: .time(.seconds(1), buckets: 10), minimumCalls: 1, failureRate: 0.5, open: .exactly(.seconds(1))))
        let ticket = try #require(breaker.admit())
        breaker.at(5000)
        breaker.settle(ticket, .failure)
        #expect(breaker.state == .open)
    }

    @Test(
        "S12: it opens at its threshold, not beyond it",
        arguments: [
            ("FFFF", 0.5, CircuitBreaker.State.closed), ("SSSFF", 0.4, .open), ("SSSFF", 0.41, .closed), ("FFFFF", 1.0, .open),
            ("FFFFS", 1.0, .closed), ("SSSSSSSSSF", 0.1, .open),
        ])
    func failureRate(calls: String, rate: Double, expected: CircuitBreaker.State) throws {
        let breaker = BreakerScript(try Self.countWindow(10, minimum: calls == "SSSSSSSSSF" ? 10 : 5, rate: rate))
        breaker.calls(calls)
        #expect(breaker.state == expected)
    }

    @Test("S12: slow calls open it by their own rate, and only what takes longer is slow")
    func slowCalls() throws {
        var breaker = BreakerScript(
            try Configuration(
                window: .count(10), minimumCalls: 2, slowCalls: .init(over: .milliseconds(100), rate: 1), open: .exactly(.seconds(1))))
        for duration: Int64 in [100, 101, 150] {
            let start = breaker.now.nanoseconds / 1_000_000
            let ticket = try #require(breaker.admit())
            breaker.at(start + duration)
            breaker.settle(ticket, .success)
        }
        #expect(breaker.snapshot.slow == 2)
        #expect(breaker.state == .closed)
        breaker = BreakerScript(breaker.machine.configuration)
        for _ in 0..<2 {
            let ticket = try #require(breaker.admit())
            breaker.now = breaker.now + .milliseconds(101)
            breaker.settle(ticket, .success)
        }
        #expect(breaker.state == .open)
    }

    @Test("S12: a row of failures opens it; a success breaks the row, an ignored call does not")
    func consecutiveFailures() throws {
        let breaker = BreakerScript(
            try Configuration(window: .count(100), minimumCalls: 100, consecutiveFailures: 3, open: .exactly(.seconds(1))))
        breaker.calls("FFSFF")
        #expect(breaker.state == .closed)
        breaker.calls("IF")
        #expect(breaker.state == .open)
    }

    @Test("S13: the call that reaches the minimum may be a success and still open it")
    func successCanTrip() throws {
        let breaker = BreakerScript(try Self.countWindow())
        breaker.calls("FFFS")
        #expect(breaker.state == .closed)
        breaker.calls("S")
        #expect(breaker.state == .open)
    }

    @Test("S14: a call that runs too long counts as slow once, before it ends")
    func runningCallsCount() throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(10), minimumCalls: 3, failureRate: 0.9,
                slowCalls: .init(over: .milliseconds(100), rate: 1, countRunning: true), open: .exactly(.seconds(1))))
        let first = try #require(breaker.admit())
        let second = try #require(breaker.admit())
        breaker.at(101)
        #expect(breaker.snapshot.slow == 2)
        breaker.settle(first, .failure)
        #expect(breaker.snapshot.calls == 2)
        #expect(breaker.snapshot.failed == 1)
        #expect(breaker.snapshot.slow == 2)
        breaker.settle(second, .success)
        #expect(breaker.snapshot.calls == 2)
        _ = try #require(breaker.admit())
        #expect(breaker.state == .closed)
        breaker.at(202)
        #expect(breaker.state == .open)
    }

    @Test("S8: a stream is slow by its time to the first message, however long it goes on; its end is recorded then")
    func streams() throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(10), minimumCalls: 10, slowCalls: .init(over: .milliseconds(100), rate: 1, countRunning: true)))
        let prompt = try #require(breaker.admit())
        let late = try #require(breaker.admit())
        breaker.at(50)
        let promptAnswered = breaker.machine.answered(prompt, breaker.now, random: &breaker.random)
        breaker.at(150)
        let lateAnswered = breaker.machine.answered(late, breaker.now, random: &breaker.random)
        breaker.at(10_000)
        breaker.settle(promptAnswered, .failure)
        breaker.settle(lateAnswered, .success)
        #expect(breaker.snapshot.calls == 2)
        #expect(breaker.snapshot.failed == 1)
        #expect(breaker.snapshot.slow == 1)
    }

    @Test("S8: a probe stream decides at its first message; its lease ends there")
    func probeStream() throws {
        let breaker = BreakerScript(try Self.countWindow(probes: 1))
        breaker.calls("FFFFF")
        breaker.at(1000)
        let probe = try #require(breaker.admit())
        let answered = breaker.machine.answered(probe, breaker.now, random: &breaker.random)
        #expect(breaker.state == .closed)
        breaker.at(60_000)
        breaker.settle(answered, .failure)
        #expect(breaker.state == .closed)
        #expect(breaker.snapshot.calls == 0)
    }

    @Test("S14, S15: a call that was running when control was taken is never counted after control is given back")
    func runningCallFromBeforeControl() throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(10), minimumCalls: 1, failureRate: nil,
                slowCalls: .init(over: .milliseconds(10), rate: 1, countRunning: true)))
        let ticket = try #require(breaker.admit())
        breaker.machine.control(.isolated, breaker.now, because: "test")
        breaker.machine.control(.automatic, breaker.now, because: "test")
        breaker.settle(ticket, .success)
        breaker.at(1000)
        #expect(breaker.snapshot.slow == 0)
        #expect(breaker.snapshot.staleResults == 1)
        #expect(breaker.state == .closed)
    }

    @Test("S15: a result from an earlier state changes nothing and is reported as stale")
    func staleResult() throws {
        let breaker = BreakerScript(try Self.countWindow())
        let late = try #require(breaker.admit())
        breaker.calls("FFFFF")
        #expect(breaker.state == .open)
        breaker.settle(late, .success)
        breaker.at(1000)
        #expect(breaker.state == .halfOpen)
        #expect(breaker.snapshot.staleResults == 1)
        breaker.calls("SSS")
        #expect(breaker.state == .closed)
        let stale = breaker.machine.events.filter { if case .staleResult(.success) = $0.event { true } else { false } }
        #expect(stale.count == 1)
    }

    @Test(
        "S16: it decides as soon as the probes to come cannot change the answer",
        arguments: [
            (4, 0.5, "FF", CircuitBreaker.State.open), (4, 0.5, "FSF", .open), (4, 0.5, "SSS", .closed), (4, 0.5, "SFS", .halfOpen),
            (4, 0.5, "SFSS", .closed), (3, 0.5, "SS", .closed), (1, 1.0, "F", .open), (1, 0.0, "S", .closed), (3, 0.0, "SSF", .open),
        ])
    func verdict(probes: Int, rate: Double, results: String, expected: CircuitBreaker.State) throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(5), minimumCalls: 1, open: .exactly(.seconds(1)), halfOpen: .init(probes: probes, failureRate: rate)))
        breaker.calls("F")
        breaker.at(1000)
        breaker.calls(results)
        #expect(breaker.story.dropFirst(2).last ?? .halfOpen == expected)
    }

    @Test("S16: half-open admits so many probes at once and refuses the rest")
    func probesAtOnce() throws {
        let breaker = BreakerScript(try Self.countWindow(probes: 2))
        breaker.calls("FFFFF")
        breaker.at(1000)
        let first = try #require(breaker.admit())
        _ = try #require(breaker.admit())
        #expect(breaker.admit() == nil)
        breaker.settle(first, .cancelled)
        #expect(breaker.admit() != nil)
        #expect(breaker.admit() == nil)
    }

    @Test("S17: a probe that is cancelled gives its slot back and counts for nothing")
    func cancelledProbe() throws {
        let breaker = BreakerScript(try Self.countWindow(probes: 1))
        breaker.calls("FFFFF")
        breaker.at(1000)
        breaker.calls("CICI")
        #expect(breaker.state == .halfOpen)
        breaker.calls("S")
        #expect(breaker.state == .closed)
    }

    @Test("S17: a hung probe's lease runs out: it counts as a failure and its late result changes nothing")
    func hungProbe() throws {
        let breaker = BreakerScript(try Self.countWindow(probes: 1))
        breaker.calls("FFFFF")
        breaker.at(1000)
        let hung = try #require(breaker.admit())
        breaker.at(1499)
        #expect(breaker.state == .halfOpen)
        breaker.at(1500)
        #expect(breaker.state == .open)
        breaker.at(1600)
        breaker.settle(hung, .success)
        #expect(breaker.state == .open)
        // The second opening in a row lasts twice as long, and the breaker goes on from there.
        breaker.at(3500)
        breaker.calls("S")
        #expect(breaker.state == .closed)
    }

    @Test("S17: without a lease of its own a probe must be back by its call's deadline, or after 10 s")
    func leaseFromDeadline() throws {
        let configuration = try Configuration(
            window: .count(5), minimumCalls: 1, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1))
        let breaker = BreakerScript(configuration)
        breaker.calls("F")
        breaker.at(1000)
        _ = breaker.admit(deadline: breaker.now + .milliseconds(300))
        breaker.at(1299)
        #expect(breaker.state == .halfOpen)
        breaker.at(1300)
        #expect(breaker.state == .open)
        breaker.at(3300)
        _ = breaker.admit()
        breaker.at(13299)
        #expect(breaker.state == .halfOpen)
        breaker.at(13300)
        #expect(breaker.state == .open)
    }

    @Test("S17: a probe that comes back at the very end of its call's deadline is judged by its outcome")
    func backAtItsDeadline() throws {
        let breaker = BreakerScript(
            try Configuration(window: .count(5), minimumCalls: 1, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1)))
        breaker.calls("F")
        breaker.at(1000)
        let probe = try #require(breaker.admit(deadline: breaker.now + .milliseconds(100)))
        breaker.at(1100)
        breaker.settle(probe, .success)
        #expect(breaker.state == .closed)
    }

    @Test("S18: slots never exceed the probes, whatever comes back twice or late")
    func slotsNeverGrow() throws {
        let breaker = BreakerScript(try Self.countWindow(probes: 2))
        breaker.calls("FFFFF")
        breaker.at(1000)
        let first = try #require(breaker.admit())
        for _ in 0..<5 { breaker.settle(first, .cancelled) }
        #expect(breaker.snapshot.probesAvailable == 2)
        _ = breaker.admit()
        _ = breaker.admit()
        #expect(breaker.admit() == nil)
    }

    @Test("S19: the open time grows by its factor up to its maximum, and resets after a full window closed")
    func growingOpenTime() throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(2), minimumCalls: 1, open: .exactly(.seconds(1), factor: 3, max: .seconds(5)),
                halfOpen: .init(probes: 1)))
        breaker.calls("F")
        var now: Int64 = 0
        for expected: Int64 in [1000, 3000, 5000, 5000] {
            breaker.at(now + expected - 1)
            #expect(breaker.state == .open)
            now += expected
            breaker.at(now)
            #expect(breaker.calls("F") == 1, "a call at exactly the end is admitted")
        }
        breaker.at(now + 5000)
        breaker.calls("S")
        #expect(breaker.state == .closed)
        breaker.calls("SF")
        #expect(breaker.snapshot.retryAfter == .seconds(1))
    }

    @Test("S19: jitter spreads the open time around its value and never beyond the maximum")
    func jitter() throws {
        var times: Set<Int64> = []
        for seed in 0..<100 as Range<UInt64> {
            let breaker = BreakerScript(
                try Configuration(
                    window: .count(1), minimumCalls: 1,
                    open: .init(for: .milliseconds(1000), factor: 2, max: .milliseconds(1100), jitter: 0.2)))
            breaker.random = RandomSource(seed: seed)
            breaker.calls("F")
            let time = try #require(breaker.snapshot.retryAfter)
            #expect(time >= .milliseconds(800) && time <= .milliseconds(1100))
            times.insert(time.nanoseconds)
        }
        #expect(times.count > 30)
    }

    @Test("S19: a server's retry-after lengthens the open time, up to the maximum")
    func retryAfter() throws {
        for (asked, expected) in [(2, 2), (1, 1), (100, 60)] as [(Int64, Int64)] {
            let breaker = BreakerScript(try Configuration(window: .count(1), minimumCalls: 1, open: .exactly(.seconds(1))))
            let ticket = try #require(breaker.admit())
            breaker.settle(ticket, .failure, retryAfter: .seconds(asked))
            #expect(breaker.snapshot.retryAfter == .seconds(expected))
        }
    }

    @Test("S20: after closing, traffic ramps up")
    func ramp() throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(1000), minimumCalls: 1, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1),
                rampAfterClose: .seconds(10)))
        breaker.calls("F")
        breaker.at(1000)
        breaker.calls("S")
        let many = String(repeating: "S", count: 1000)
        breaker.at(3000)
        let early = breaker.calls(many)
        breaker.at(9000)
        let late = breaker.calls(many)
        breaker.at(11000)
        #expect((150...250).contains(early))
        #expect((750...850).contains(late))
        #expect(breaker.calls(many) == 1000)
    }

    @Test("S21: a clock that goes backward is read as the latest time seen")
    func backwardClock() throws {
        let breaker = BreakerScript(try Self.countWindow())
        breaker.at(5000)
        breaker.calls("FFFFF")
        breaker.at(0)
        #expect(breaker.state == .open)
        #expect(breaker.snapshot.retryAfter == .seconds(1))
        breaker.at(6000)
        #expect(breaker.state == .halfOpen)
    }

    @Test("S10: isolated refuses all, disabled refuses none and records nothing, observing records and reports")
    func modes() throws {
        let breaker = BreakerScript(try Self.countWindow())
        breaker.machine.control(.isolated, breaker.now, because: "test")
        #expect(breaker.calls("SSS") == 0)
        breaker.machine.control(.disabled, breaker.now, because: "test")
        #expect(breaker.calls("FFFFFFFF") == 8)
        #expect(breaker.snapshot.calls == 0)
        breaker.machine.control(.observing, breaker.now, because: "test")
        #expect(breaker.calls("FFFFFFFF") == 8)
        let wouldHave = breaker.machine.events.filter { if case .wouldHaveRejected(.open) = $0.event { true } else { false } }
        #expect(wouldHave.count == 3)
        breaker.machine.control(.automatic, breaker.now, because: "test")
        #expect(breaker.state == .open)
    }

    @Test("S22: one decision, one event, in order")
    func eventsInOrder() throws {
        let breaker = BreakerScript(try Self.countWindow())
        breaker.calls("FFFFF")
        breaker.at(1000)
        breaker.calls("SS")
        #expect(breaker.story == [.open, .halfOpen, .closed])
    }

    @Test("S23: it says in a sentence why it is in its state")
    func explains() throws {
        let breaker = BreakerScript(try Configuration(window: .count(100), minimumCalls: 20, open: .exactly(.seconds(1))))
        breaker.calls("FFFSSSSSSSSS")
        #expect(breaker.snapshot.explanation == "closed: 12 of 20 calls needed before the rate counts; 3 failed")
        breaker.calls("SSSSSSSS")
        #expect(breaker.snapshot.explanation == "closed: 3 of 20 calls failed (15 %, opens at 50 %)")
        breaker.calls(String(repeating: "F", count: 14))
        #expect(breaker.snapshot.explanation == "open: 17 of 34 calls failed; next try in 1.0 seconds")
    }

    @Test("S23: the sentence names every limit that could open it")
    func explainsEveryLimit() throws {
        let rates = BreakerScript(
            try Configuration(
                window: .count(100), minimumCalls: 4, consecutiveFailures: 3, slowCalls: .init(over: .milliseconds(10), rate: 0.75)))
        rates.calls("SF")
        #expect(
            rates.snapshot.explanation
                == "closed: 2 of 4 calls needed before the rate counts; 1 failed; 0 slow; 1 failed in a row, opens at 3")
        rates.calls("SS")
        #expect(
            rates.snapshot.explanation
                == "closed: 1 of 4 calls failed (25 %, opens at 50 %); 0 took over 0.01 seconds (0 %, opens at 75 %); "
                + "0 failed in a row, opens at 3")
        let inARow = BreakerScript(try Configuration(window: .count(100), failureRate: nil, consecutiveFailures: 2))
        inARow.calls("F")
        #expect(inARow.snapshot.explanation == "closed: 1 of 1 calls failed; 1 failed in a row, opens at 2")
    }

    @Test("S23: probes that were slow and did not fail are what a reopened breaker names")
    func slowProbes() throws {
        let breaker = BreakerScript(
            try Configuration(
                window: .count(10), minimumCalls: 2, slowCalls: .init(over: .milliseconds(10), rate: 0.5), open: .exactly(.seconds(1)),
                halfOpen: .init(probes: 3)))
        breaker.calls("FF")
        breaker.at(1000)
        for start in [1000, 2000] as [Int64] {
            breaker.at(start)
            let ticket = try #require(breaker.admit())
            breaker.at(start + 50)
            breaker.settle(ticket, .success)
        }
        #expect(breaker.snapshot.explanation == "open: 2 of 2 probes took over 0.01 seconds; next try in 2.0 seconds")
    }

    @Test("S14: one call that hangs keeps nothing of those that come and go after it")
    func hangingCall() {
        var window = OutcomeWindow(.count(10), now: Instant(nanoseconds: 0))
        var running = RunningCalls()
        let hanging = running.start(slowAt: Instant(nanoseconds: 5))
        for moment in 1...1000 as ClosedRange<Int64> {
            let number = running.start(slowAt: Instant(nanoseconds: moment + 5))
            _ = running.countOverdue(Instant(nanoseconds: moment), in: &window)
            #expect(running.end(number) == nil)
            #expect(running.count <= 12)
        }
        #expect(running.end(hanging) != nil)
        #expect(running.count <= 11)
    }

    @Test("S8, S14: a stream counted as slow while it ran, and answered since, still fails if that is its end")
    func answeredThenFailed() throws {
        let script = BreakerScript(
            try .init(window: .count(10), minimumCalls: 5, slowCalls: .init(over: .milliseconds(10), rate: 1, countRunning: true)))
        let ticket = try #require(script.admit())
        script.at(20)
        #expect(script.snapshot.slow == 1)
        let answered = script.machine.answered(ticket, script.now, random: &script.random)
        script.at(30)
        script.settle(answered, .failure)
        let snapshot = script.snapshot
        #expect(snapshot.calls == 1 && snapshot.failed == 1 && snapshot.slow == 1)
        // One that was answered in time is slow no more, however long it goes on.
        let quick = try #require(script.admit())
        script.at(35)
        let open = script.machine.answered(quick, script.now, random: &script.random)
        script.at(1000)
        #expect(script.snapshot.slow == 1)
        script.settle(open, .success)
        #expect(script.snapshot.calls == 2 && script.snapshot.slow == 1)
    }

    @Test("S14, S80: a call counted as slow while it ran is not counted again when the rule is given up meanwhile")
    func countedOnceAcrossReconfiguration() throws {
        let slow = CircuitBreaker.Configuration.SlowCalls(over: .milliseconds(10), rate: 1, countRunning: true)
        let script = BreakerScript(try .init(window: .count(10), minimumCalls: 5, slowCalls: slow))
        let ticket = try #require(script.admit())
        script.at(20)
        #expect(script.snapshot.calls == 1)
        script.reconfigure(try .init(window: .count(10), minimumCalls: 5, slowCalls: .init(over: .milliseconds(10), rate: 1)))
        script.settle(ticket, .success)
        #expect(script.snapshot.calls == 1 && script.snapshot.slow == 1)
    }
}
