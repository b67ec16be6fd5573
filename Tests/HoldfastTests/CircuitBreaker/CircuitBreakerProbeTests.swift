import Testing

@testable import Holdfast

@Suite struct CircuitBreakerProbeTests {
    @Test("S10: a breaker made half-open by hand lets its probes through at once, from any state", arguments: ["", "FFFFF"])
    func byHand(before letters: String) throws {
        let breaker = BreakerScript(
            try .init(window: .count(5), minimumCalls: 5, open: .init(for: .seconds(60)), halfOpen: .init(probes: 2)))
        breaker.calls(letters)
        breaker.machine.probe(breaker.now, random: &breaker.random)
        #expect(breaker.state == .halfOpen)
        #expect(breaker.calls("SS") == 2)
        #expect(breaker.state == .closed)
    }

    @Test("S15, S16: half-open, the probes are counted and nothing from before; there is no rate until they have decided")
    func counts() throws {
        let breaker = BreakerScript(
            try .init(window: .count(5), minimumCalls: 5, open: .init(for: .seconds(1), jitter: 0), halfOpen: .init(probes: 4)))
        breaker.calls("FFFFF")
        #expect(breaker.snapshot.calls == 5 && breaker.snapshot.failureRate == 1)
        breaker.at(1000)
        #expect(breaker.state == .halfOpen)
        #expect(breaker.snapshot.calls == 0 && breaker.snapshot.failureRate == nil)
        breaker.calls("SF")
        #expect(breaker.snapshot.calls == 2 && breaker.snapshot.failed == 1 && breaker.snapshot.failureRate == nil)
    }
}
