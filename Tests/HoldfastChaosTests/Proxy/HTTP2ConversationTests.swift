import Holdfast
import NIOCore
import Testing

@testable import HoldfastChaos

/// Frames without sockets: hostile ones above all.
@Suite("A proxy's view of HTTP/2")
struct HTTP2ConversationTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]

    /// A conversation, and what of it was sent on.
    private final class Line {
        private(set) var sent: [NetworkFault.Flow: [UInt8]] = [.upstream: [], .downstream: []]
        private(set) var conversation: HTTP2Conversation!
        let ledger: FaultLedger

        init(seed: UInt64 = 1) {
            ledger = FaultLedger(seed: seed) { _ in }
            conversation = HTTP2Conversation(number: 1, ledger: ledger) { [unowned self] bytes, flow, _ in
                sent[flow]! += bytes.readableBytesView
            }
        }

        func install(_ faults: [ProxyFault]) {
            let specs = faults.map {
                FaultSpec(
                    id: $0.id, kind: .network($0.fault, $0.selection), service: "", from: TimeReference(text: "", offset: .zero),
                    duration: .zero)
            }
            let kept = ledger.install(FaultPlan(seed: ledger.seed, faults: specs, active: Set(specs.map(\.id))))
            conversation.apply(ledger.plan.entries, kept: kept)
        }

        func receive(_ bytes: some Collection<UInt8>, _ flow: NetworkFault.Flow) {
            conversation.receive(ByteBuffer(bytes: Array(bytes)), flow)
        }

        func end() {
            conversation.end(.upstream)
            conversation.end(.downstream)
        }
    }

    private static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), kind, flags, 0, 0, 0, stream] + payload
    }

    /// Frames of any kind, some cut short or with lengths that are not theirs.
    private static func hostile(_ random: RandomSource, frames: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        func number(_ limit: Int) -> Int { min(Int(random.uniform() * Double(limit)), limit - 1) }
        for _ in 0..<frames {
            let payload = noise(number(5) == 0 ? number(20_000) : number(40), seed: UInt64(number(1_000_000)))
            var frame = Self.frame(UInt8(number(12)), UInt8(number(256)), UInt8(number(16)), payload)
            switch number(12) {
            case 0: frame = Array(frame.prefix(number(frame.count)))
            case 1: frame[number(9)] = UInt8(number(256))
            case 2: frame = [0xFF, 0xFF, 0xFF] + frame.dropFirst(3)
            default: break
            }
            bytes += frame
        }
        return bytes
    }

    private static let everything: [NetworkFault] = [
        .goaway(code: 11, refuse: true, after: .zero), .goaway(code: 0, refuse: false, after: .zero), .rstStream(code: 7, at: .request),
        .rstStream(code: 2, at: .response), .windowStall(.both), .hold(.trailers, .downstream), .hold(.pingAcks, .both),
        .corruptFrames(.any, .both),
    ]

    @Test("Whatever comes, with no fault in force it goes on as it came", arguments: 0..<30)
    func identity(seed: Int) {
        let random = RandomSource(seed: UInt64(seed))
        let line = Line()
        let up = (seed % 3 == 0 ? [] : Self.preface) + Self.hostile(random, frames: 60)
        let down = (seed % 2 == 0 ? [] : Self.settings) + Self.hostile(random, frames: 60)
        line.install(
            Self.everything.enumerated().map { index, fault in
                ProxyFault("\(index)", fault, Selection(per: fault.kind.units.last!, share: .probability(0)))
            })
        Self.deliver(up, down, random, line)
        line.end()
        #expect(line.sent[.upstream] == up)
        #expect(line.sent[.downstream] == down)
        #expect(line.ledger.hits == [:])
    }

    @Test("Whatever comes while faults come and go, nothing crashes", arguments: 0..<30)
    func hostile(seed: Int) {
        let random = RandomSource(seed: UInt64(1_000 + seed))
        let line = Line(seed: UInt64(seed))
        for round in 0..<8 {
            line.install(
                Self.everything.enumerated().compactMap { index, fault in
                    guard random.uniform() < 0.6 else { return nil }
                    let unit = fault.kind.units.last!
                    return ProxyFault("\(index)", fault, Selection(per: unit, share: .probability(round % 2 == 0 ? 1 : 0.5)))
                })
            let start = round == 0
            Self.deliver(
                (start ? Self.preface : []) + Self.hostile(random, frames: 30),
                (start ? Self.settings : []) + Self.hostile(random, frames: 30),
                random, line)
        }
        line.install([])
        line.end()
        #expect(line.conversation.heldBytes(.downstream) == 0 || line.sent[.downstream]!.count > 0)
    }

    private static func deliver(_ up: [UInt8], _ down: [UInt8], _ random: RandomSource, _ line: Line) {
        var rest: [(flow: NetworkFault.Flow, bytes: ArraySlice<UInt8>)] = [(.upstream, up[...]), (.downstream, down[...])]
        while rest.contains(where: { !$0.bytes.isEmpty }) {
            let index = random.uniform() < 0.5 ? 0 : 1
            let count = random.uniform() < 0.3 ? Int(random.uniform() * 12) + 1 : Int(random.uniform() * 3_000) + 1
            let piece = rest[index].bytes.prefix(count)
            guard !piece.isEmpty else { continue }
            line.receive(piece, rest[index].flow)
            rest[index].bytes = rest[index].bytes.dropFirst(count)
        }
    }

    @Test("A frame of the proxy's own never falls into another, nor between the parts of a header block")
    func boundaries() {
        let line = Line()
        line.receive(Self.preface, .upstream)
        line.receive(Self.settings, .downstream)
        // A block without its end, and half of a frame of data.
        let headers = Self.frame(1, 0, 1, [1, 2, 3])
        let continuation = Self.frame(9, 4, 1, [4, 5])
        let data = Self.frame(0, 0, 1, [6, 7, 8, 9])
        line.receive(headers, .downstream)
        line.install([ProxyFault("bye", .goaway(code: 0, refuse: false, after: .zero))])
        line.conversation.goaway(line.ledger.plan.entries[0])
        #expect(line.sent[.downstream] == Self.settings + headers)
        line.receive(continuation + data.prefix(11), .downstream)
        let goaway = Self.frame(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(line.sent[.downstream] == Self.settings + headers + continuation + goaway + data.prefix(11))
        line.receive(data.dropFirst(11), .downstream)
        #expect(line.sent[.downstream] == Self.settings + headers + continuation + goaway + data)
    }

    @Test("A refused request reaches the service as headers that are cancelled, so that HPACK's table stays right")
    func refusedRequest() {
        let line = Line()
        line.receive(Self.preface, .upstream)
        line.receive(Self.settings, .downstream)
        line.install([ProxyFault("no", .rstStream(code: 7, at: .request), Selection(per: .stream, share: .every(1)))])
        let request = Self.frame(1, 5, 1, [0x82])
        let data = Self.frame(0, 1, 1, [1, 2, 3])
        line.receive(request + data, .upstream)
        #expect(line.sent[.upstream] == Self.preface + Self.frame(1, 4, 1, [0x82]) + Self.frame(3, 0, 1, [0, 0, 0, 8]))
        // The client is told, and gets the window back that its data took.
        #expect(line.sent[.downstream] == Self.settings + Self.frame(3, 0, 1, [0, 0, 0, 7]) + Self.frame(8, 0, 0, [0, 0, 0, 3]))
    }

    @Test("Acknowledgements of the proxy's settings do not reach the service, whose own do")
    func settingsAcknowledged() {
        let line = Line()
        line.receive(Self.preface, .upstream)
        line.receive(Self.settings, .downstream)
        var values = HTTP2Settings()
        values.initialWindowSize = 1
        line.install([ProxyFault("small", .settings(values))])
        let told = Self.frame(4, 0, 0, [0, 4, 0, 0, 0, 1])
        #expect(line.sent[.downstream] == Self.settings + told)
        let acknowledgement = Self.frame(4, 1, 0)
        line.receive(acknowledgement, .upstream)
        line.receive(acknowledgement, .upstream)
        #expect(line.sent[.upstream] == Self.preface + acknowledgement)
        line.install([])
        #expect(line.sent[.downstream] == Self.settings + told + Self.frame(4, 0, 0, [0, 4, 0, 0, 0xFF, 0xFF]))
    }
}
