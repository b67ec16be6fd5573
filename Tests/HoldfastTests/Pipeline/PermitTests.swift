import Holdfast
import HoldfastTesting
import HoldfastVirtualTime
import Testing

@Suite("Permits of any gate")
struct PermitTests {
    @Test("Whoever cannot wait is refused by the gate itself, which counts it and says when to come back")
    func refusedWithoutWaiting() throws {
        let world = VirtualTime()
        let limiter = RateLimiter(
            "say", try .perSecond(10, burst: 1, maxWait: .seconds(5), maxQueued: 5), timeSource: world.timeSource)
        try limiter.admit().settle(.succeeded)
        do {
            try limiter.admit().settle(.succeeded)
            Issue.record("a quota of one gave two permits")
        } catch {
            #expect(error.policy == "say")
            #expect(error.retryAfter == .milliseconds(100))
        }
        #expect(limiter.counters.admitted == 1)
        #expect(limiter.counters.rejected == 1)
        #expect(limiter.queued == 0)
    }

    @Test("A permit that is dropped comes back")
    func dropped() throws {
        let limiter = AdaptiveLimiter("say", try .init(.aimd(.init()), initial: 1, minimum: 1, maxQueued: 3))
        do {
            let permit = try limiter.admit()
            #expect { _ = try limiter.admit() } throws: { ($0 as? Rejection)?.reason == .full }
            _ = consume permit
        }
        #expect(limiter.inFlight == 0)
        try limiter.admit().settle(.succeeded)
        #expect(limiter.counters.admitted == 2)
        #expect(limiter.counters.rejected == 1)
        #expect(limiter.counters.cancelled == 1)
    }
}
