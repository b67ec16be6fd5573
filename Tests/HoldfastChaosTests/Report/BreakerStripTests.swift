import Testing

@testable import HoldfastChaos

@Suite("A breaker's states over a run")
struct BreakerStripTests {
    @Test("What it does while the last calls end, after the run's end, is not on the strip", arguments: [10, 12])
    func afterTheEnd(second: Int64) {
        let transitions = [(6, .open), (second, .halfOpen), (second + 1, .closed)].map { (second: Int64, state: BreakerState) in
            BreakerTransition(breaker: "say/circuitBreaker", offset: second * 1_000_000_000, state: state)
        }
        let end: Int64 = 10_000_000_000
        let strip = BreakerStrip(name: "say/circuitBreaker", spells: BreakerSpell.spells(transitions, end: end), end: end)
        #expect(strip.spells == [.init(state: .closed, start: 0, end: 6), .init(state: .open, start: 6, end: 10)])
    }
}
