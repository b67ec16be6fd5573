import Holdfast
import HoldfastTesting
import HoldfastVirtualTime
import Testing

@Suite("Event recorder")
struct EventRecorderTests {
    @Test("It keeps a pipeline's events in order, as lines, by kind, and forgets when told")
    func lines() throws {
        let world = VirtualTime()
        let breaker = CircuitBreaker(
            "say", try .init(window: .count(10), minimumCalls: 2, open: .init(for: .seconds(1), jitter: 0)), timeSource: world.timeSource)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            breaker
            try Timeout("limit", after: .milliseconds(500), timeSource: world.timeSource)
        }
        let recorder = EventRecorder(pipeline)
        let service = ScriptedOperation<Int>(world.timeSource, [.error(TestError()), .hang], then: .fail)
        try world.run {
            for _ in 0..<3 { _ = try? await pipeline.run { call in try await service(call) } }
        }
        #expect(recorder.lines.contains(#"0.5 seconds timeout "limit": timed out: total after 0.5 seconds"#))
        #expect(recorder.lines.last == #"0.5 seconds circuitBreaker "say": rejected: open, retry after 1.0 seconds"#)
        #expect(recorder.decisions(of: .circuitBreaker) == ["closed -> open", "rejected: open, retry after 1.0 seconds"])
        #expect(recorder.events(of: .timeout).count == 1)
        #expect(recorder.lines.count == 3)
        recorder.clear()
        #expect(recorder.events.isEmpty)
        #expect(recorder.dropped == 0)
    }

    @Test("It listens only while it lives")
    func lifetime() throws {
        let limiter = RateLimiter("quota", try .perSecond(1))
        do {
            let recorder = EventRecorder(limiter)
            #expect(limiter.eventSource.hasSubscribers)
            withExtendedLifetime(recorder) {}
        }
        #expect(!limiter.eventSource.hasSubscribers)
    }
}
