import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Events")
struct EventTests {
    private static func event(_ number: Int64) -> PolicyEvent {
        PolicyEvent(policy: "p", kind: .timeout, at: Instant(nanoseconds: number), decision: .reconfigured)
    }

    @Test("A listener that falls behind loses the oldest events and can read how many")
    func bounded() async {
        let source = EventSource()
        let events = PolicyEvents([source], capacity: 3)
        for number in 1...5 as ClosedRange<Int64> { source.deliver(Self.event(number)) }
        events.finish()
        var heard: [Int64] = []
        for await event in events { heard.append(event.at.nanoseconds) }
        #expect(heard == [3, 4, 5])
        #expect(events.dropped == 2)
    }

    @Test("A source without listeners makes no events, and forgets listeners that are gone")
    func listeners() {
        let source = EventSource()
        #expect(!source.hasSubscribers)
        do {
            let events = PolicyEvents([source])
            #expect(source.hasSubscribers)
            withExtendedLifetime(events) {}
        }
        #expect(!source.hasSubscribers)
    }

    @Test("A source listened to twice by one listener, as that of a shared gate, gives each event once")
    func sourceGivenTwice() async {
        let source = EventSource()
        let events = PolicyEvents([source, source])
        source.deliver(Self.event(7))
        events.finish()
        var heard: [Int64] = []
        for await event in events { heard.append(event.at.nanoseconds) }
        #expect(heard == [7])
    }

    @Test("A waiting listener wakes for an event, and ends when its task is cancelled")
    func waiting() throws {
        let world = VirtualTime()
        let source = EventSource()
        let events = PolicyEvents([source])
        try world.run {
            let listener = Task(executorPreference: world) {
                var heard: [Int64] = []
                for await event in events { heard.append(event.at.nanoseconds) }
                return heard
            }
            try await world.timeSource.sleep(for: .seconds(1))
            source.deliver(Self.event(7))
            try await world.timeSource.sleep(for: .seconds(1))
            listener.cancel()
            #expect(await listener.value == [7])
        }
    }
}
