import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What a session puts up with")
struct ConductTests {
    private static let flooded = SessionError(description: "the peer floods the connection with frames that carry nothing")

    @Test("Exactly the budget of frames that carry nothing is let through", arguments: [0, 1, 10])
    func budget(burst: Int) throws {
        var limits = SessionLimits()
        limits.noise = (burst: burst + 2, perSecond: 0)
        // The first SETTINGS frame and its acknowledgement are two.
        let pair = try SessionPair(server: limits)
        for _ in 0..<burst { try pair.feed(pair.server, RawFrames.ping()) }
        #expect(throws: Self.flooded) { try pair.feed(pair.server, RawFrames.ping()) }
        // It says why, and stays closed.
        var log = FrameLog(passing: [])
        _ = log.receive(try pair.output(of: pair.server))
        #expect(log.goAway.map { HTTP2ErrorCode(rawValue: $0) } == .enhanceYourCalm)
        #expect(throws: Self.flooded) { try pair.feed(pair.server, RawFrames.settings) }
    }

    @Test("A connection that works may say as much on the side")
    func earned() throws {
        var limits = SessionLimits()
        limits.noise = (burst: 3, perSecond: 0)
        let pair = try SessionPair(server: limits)
        for _ in 0..<1_000 {
            pair.request([[1]])
            try pair.exchange()
            try pair.feed(pair.server, RawFrames.ping())
            let request = try #require(pair.lastRequest)
            pair.server.submitStatus(request, metadata: [:], status: FinalStatus())
            try pair.exchange()
            pair.serverEvents = []
        }
    }

    @Test("Time fills the budget up again, to its size and not above")
    func time() {
        let start = Instant(nanoseconds: 1_000)
        var budget = NoiseBudget(burst: 5, perSecond: 2, now: start)
        for _ in 0..<6 { budget.spend() }
        #expect(budget.isOverdrawn)
        budget.refill(now: start.advanced(by: .milliseconds(499)))
        #expect(budget.isOverdrawn)
        budget.refill(now: start.advanced(by: .milliseconds(500)))
        #expect(!budget.isOverdrawn)
        budget.refill(now: start.advanced(by: .seconds(100_000)))
        for _ in 0..<5 { budget.spend() }
        #expect(!budget.isOverdrawn)
        budget.spend()
        #expect(budget.isOverdrawn)
        // A clock that goes back gives nothing and takes nothing.
        budget.refill(now: start)
        #expect(budget.isOverdrawn)
    }

    @Test("A client that asks and does not read is closed before its answers fill the memory")
    func unread() throws {
        var limits = SessionLimits()
        // The budget of resets, which would end it first, is another one.
        limits.resets = (.max / 2, 1)
        let pair = try SessionPair(server: limits)
        var isClosed = false
        var stream: Int32 = 1
        for _ in 0...limits.queuedFrames where !isClosed {
            let request = RawFrames.headers(HostileClient.request, stream: stream, ends: true)
            do {
                try pair.feed(pair.server, request)
                for case .head(let stream) in pair.server.takeEvents() {
                    pair.server.submitStatus(stream, metadata: [:], status: FinalStatus())
                }
                try pair.feed(pair.server, RawFrames.reset(8, stream: stream))
            } catch {
                isClosed = true
            }
            stream += 2
        }
        #expect(isClosed)
    }
}
