import Testing

@testable import Holdfast

@Suite("Circuit breaker: new settings while it runs")
struct CircuitBreakerReconfigurationTests {
    typealias Configuration = CircuitBreaker.Configuration

    private static func settings(
        window: Int = 10, failureRate: Double = 0.5, slowCalls: Configuration.SlowCalls? = nil,
        open: Configuration.Open = .exactly(.seconds(1)), rampAfterClose: Duration = .zero
    ) throws -> Configuration {
        try Configuration(
            window: .count(window), minimumCalls: 5, failureRate: failureRate, slowCalls: slowCalls, open: open,
            halfOpen: .init(probes: 1), rampAfterClose: rampAfterClose)
    }

    private static func slow(rate: Double = 1, countRunning: Bool = true) -> Configuration.SlowCalls {
        Configuration.SlowCalls(over: .milliseconds(10), rate: rate, countRunning: countRunning)
    }

    @Test("S80: a new configuration keeps the counts and the state, and takes the earlier end of an open time")
    func keepsItsState() throws {
        let breaker = BreakerScript(try Self.settings(failureRate: 0.9))
        breaker.calls("FFFSS")
        let softer = try Self.settings(failureRate: 0.6)
        breaker.reconfigure(softer)
        #expect(breaker.snapshot.failed == 3)
        breaker.calls("F")
        #expect(breaker.state == .open)
        breaker.reconfigure(try Self.settings(failureRate: 0.6, open: .exactly(.milliseconds(400))))
        #expect(breaker.snapshot.retryAfter == .milliseconds(400))
        breaker.reconfigure(softer)
        #expect(breaker.snapshot.retryAfter == .milliseconds(400))
        breaker.reconfigure(try Self.settings(window: 50))
        #expect(breaker.snapshot.calls == 0)
    }

    @Test("S80, S19: the same settings again leave an open time that the server lengthened as it is")
    func sameSettingsAgain() throws {
        let settings = try Self.settings(open: .exactly(.seconds(5)))
        let breaker = BreakerScript(settings)
        for _ in 0..<5 {
            let ticket = try #require(breaker.admit())
            breaker.settle(ticket, .failure, retryAfter: .seconds(30))
        }
        #expect(breaker.snapshot.retryAfter == .seconds(30))
        breaker.reconfigure(settings)
        #expect(breaker.snapshot.retryAfter == .seconds(30))
    }

    @Test("S80, S20: switching the ramp off ends the one under way")
    func rampSwitchedOff() throws {
        let breaker = BreakerScript(try Self.settings(rampAfterClose: .seconds(3600)))
        breaker.machine.trip(breaker.now, random: &breaker.random)
        breaker.at(1000)
        breaker.calls("S")
        #expect(breaker.state == .closed)
        breaker.reconfigure(try Self.settings())
        #expect(breaker.calls(String(repeating: "S", count: 100)) == 100)
    }

    @Test("S80, S14: a call admitted before running calls were followed does not end another one's being followed")
    func admittedUnfollowed() throws {
        let breaker = BreakerScript(try Self.settings(slowCalls: Self.slow(countRunning: false)))
        let unfollowed = try #require(breaker.admit())
        breaker.reconfigure(try Self.settings(slowCalls: Self.slow()))
        _ = try #require(breaker.admit())
        breaker.settle(unfollowed, .success)
        breaker.at(1000)
        #expect(breaker.snapshot.slow == 1)
    }

    @Test("S80, S14: a call that counted as slow in a window now gone is one whole call in the new window")
    func countedInTheOldWindow() throws {
        let breaker = BreakerScript(try Self.settings(slowCalls: Self.slow()))
        let ticket = try #require(breaker.admit())
        breaker.at(100)
        #expect(breaker.snapshot.slow == 1)
        breaker.reconfigure(try Self.settings(window: 20, slowCalls: Self.slow()))
        breaker.settle(ticket, .failure)
        #expect(breaker.snapshot.calls == 1)
        #expect(breaker.snapshot.failed == 1)
    }

    @Test("S80, S14: a running call that counted as slow is not counted again when the slow rate changes")
    func slowRateChanges() throws {
        let breaker = BreakerScript(try Self.settings(slowCalls: Self.slow()))
        let ticket = try #require(breaker.admit())
        breaker.at(100)
        #expect(breaker.snapshot.slow == 1)
        breaker.reconfigure(try Self.settings(slowCalls: Self.slow(rate: 0.9)))
        breaker.settle(ticket, .success)
        #expect(breaker.snapshot.slow == 1)
        #expect(breaker.snapshot.calls == 1)
    }
}
