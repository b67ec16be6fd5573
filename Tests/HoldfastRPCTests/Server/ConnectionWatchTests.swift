import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("When a server's connection has had its time")
struct ConnectionWatchTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    /// A watch, and what its connection has counted.
    private struct Subject {
        var watch: ConnectionWatch
        var sample = ConnectionWatch.Sample(received: 0, begun: 0, isBusy: false)

        init(jitter: Double = 0.5, _ change: (inout RPCServer.Configuration) -> Void = { _ in }) {
            var configuration = RPCServer.Configuration()
            configuration.idleTimeout = nil
            configuration.keepalive.interval = nil
            change(&configuration)
            watch = ConnectionWatch(configuration, now: ConnectionWatchTests.start, jitter: jitter)
        }

        /// Asks the watch whenever it wants to be, until it decides or `seconds` have passed.
        mutating func next(until seconds: Double) -> (action: ConnectionWatch.Action, after: Double)? {
            var now = ConnectionWatchTests.start
            let end = now.advanced(by: .nanoseconds(Int64(seconds * 1e9)))
            while true {
                now = max(watch.wake(after: now), now)
                guard now <= end else { return nil }
                if let action = watch.tick(now, sample) {
                    return (action, Double(ConnectionWatchTests.start.duration(to: now).nanoseconds) / 1e9)
                }
            }
        }

        mutating func tick(_ seconds: Int) -> ConnectionWatch.Action? {
            watch.tick(ConnectionWatchTests.start.advanced(by: .seconds(seconds)), sample)
        }
    }

    @Test("A connection without a preface is closed, one with a preface is not")
    func preface() {
        var silent = Subject()
        let end = silent.next(until: 1_000)
        #expect(end?.action == .close("the client sent no HTTP/2 frame in time") && end?.after == 20)
        var spoken = Subject()
        spoken.watch.began()
        #expect(spoken.next(until: 1_000) == nil)
    }

    @Test("A silent client is pinged, and closed when it says nothing; any bytes count as a sign of life")
    func keepalive() {
        var subject = Subject { $0.keepalive.interval = .seconds(40) }
        subject.watch.began()
        let ping = subject.next(until: 1_000)
        #expect(ping?.action == .ping && ping?.after == 40)
        #expect(subject.watch.awaitsAnswer)
        subject.sample.received = 9
        #expect(subject.tick(59) == nil)
        #expect(subject.tick(98) == nil)
        #expect(subject.tick(99) == .ping)
        subject.watch.answered()
        #expect(subject.tick(100) == .ping)
        #expect(subject.tick(119) == nil)
        #expect(subject.tick(120) == .close("the client did not answer a ping"))
    }

    @Test("A connection without calls is drained after the idle time, one with calls never")
    func idle() {
        var idle = Subject { $0.idleTimeout = .seconds(60) }
        idle.watch.began()
        let end = idle.next(until: 1_000)
        #expect(end?.action == .drain && end?.after == 60)
        var busy = Subject { $0.idleTimeout = .seconds(60) }
        busy.watch.began()
        busy.sample.isBusy = true
        #expect(busy.next(until: 1_000) == nil)
        busy.sample.isBusy = false
        #expect(busy.tick(1_001) == nil)
        // A call that came and went between two looks counts too.
        busy.sample.begun = 1
        #expect(busy.tick(1_061) == nil)
        #expect(busy.tick(1_120) == nil)
        #expect(busy.tick(1_121) == .drain)
    }

    @Test("An old connection is drained give or take a tenth, and stopped when its grace is over", arguments: [(0.0, 90.0), (1.0, 110.0)])
    func age(jitter: Double, limit: Double) {
        var subject = Subject(jitter: jitter) {
            $0.maximumConnectionAge = .seconds(100)
            $0.maximumConnectionAgeGrace = .seconds(30)
        }
        subject.watch.began()
        subject.sample.isBusy = true
        let drain = subject.next(until: 1_000)
        #expect(drain?.action == .drain && abs((drain?.after ?? 0) - limit) < 0.001)
        subject.watch.drains(Self.start.advanced(by: .seconds(Int(limit))))
        subject.watch.saidLast()
        let stop = subject.next(until: 1_000)
        #expect(stop?.action == .stop && abs((stop?.after ?? 0) - limit - 30) < 0.001)
    }

    @Test("A client that does not answer the notice of a drain is told its last call all the same")
    func unanswered() {
        var subject = Subject()
        subject.watch.began()
        subject.watch.drains(Self.start)
        let end = subject.next(until: 1_000)
        #expect(end?.action == .sayLast && end?.after == 20)
    }

    struct Pings: Sendable, CustomTestStringConvertible {
        let name: String
        /// Seconds between pings.
        let every: Int
        var isBusy = true
        var hasSpoken = false
        var rules = RPCServer.PingEnforcement()
        /// How many pings pass of ten.
        let allowed: Int
        var testDescription: String { name }
    }

    private static func rules(_ change: (inout RPCServer.PingEnforcement) -> Void) -> RPCServer.PingEnforcement {
        var rules = RPCServer.PingEnforcement()
        change(&rules)
        return rules
    }

    @Test(
        "Pings that come too often are counted, as gRPC A8 says",
        arguments: [
            Pings(name: "every five minutes during calls", every: 300, allowed: 10),
            Pings(name: "more often during calls", every: 299, allowed: 3),
            Pings(name: "more often, while the server sends", every: 1, hasSpoken: true, allowed: 10),
            Pings(name: "every five minutes without calls", every: 300, isBusy: false, allowed: 3),
            Pings(name: "every two hours without calls", every: 7_200, isBusy: false, allowed: 10),
            Pings(
                name: "without calls, permitted", every: 300, isBusy: false,
                rules: rules { $0.permitsPingsWithoutCalls = true }, allowed: 10),
            Pings(name: "no strikes", every: 1, rules: rules { $0.strikes = 0 }, allowed: 1),
            Pings(name: "switched off", every: 0, rules: rules { $0.minimumInterval = .zero }, allowed: 10),
        ])
    func pings(_ pings: Pings) {
        var subject = Subject { $0.pingEnforcement = pings.rules }
        let allowed = (0..<10).prefix { number in
            let now = Self.start.advanced(by: .seconds(number * pings.every))
            return subject.watch.allowsPing(now, isBusy: pings.isBusy, hasSpoken: pings.hasSpoken)
        }
        #expect(allowed.count == pings.allowed)
    }
}
