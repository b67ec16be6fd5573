import Foundation
import Holdfast
import Testing

@testable import HoldfastChaos

/// Seen from outside: what a client and a service notice of faults of TCP between them. A fault that delays is set to an hour, and what
/// comes at once when it is taken back was held by it.
@Suite("Faults of TCP", .timeLimit(.minutes(2)))
struct ProxyBytesTests {
    private static let hour = Duration.seconds(3_600)

    /// A client and what it is connected to, through the proxy.
    private static func pair(_ bench: ProxyBench, _ listener: RawSocket) async throws -> (client: RawSocket, service: RawSocket) {
        let client = try await RawSocket.connect(bench.port)
        return (client, try await listener.accept())
    }

    @Test("Probability 0 of everything is byte for byte no fault, and a half-close stays one")
    func nothing() async throws {
        try await withProxy { bench, listener in
            let faults: [NetworkFault] = [
                .blackhole(.both, after: .zero, closeAfter: nil), .reset(after: .zero), .latency(.constant(Self.hour), .both),
                .bandwidth(1, .both), .slice(size: 1, variation: 0, delay: Self.hour, .both), .limitBytes(1, .both, then: .reset),
                .halfClose(.both, after: .zero), .slowClose(Self.hour, .both), .corrupt(bits: 8, .both),
                .goaway(code: 0, refuse: true, after: .zero), .rstStream(code: 7, at: .request), .windowStall(.both),
                .hold(.trailers, .downstream), .hold(.pingAcks, .both), .corruptFrames(.any, .both),
            ]
            try await bench.install(
                faults.map { fault in
                    ProxyFault("\(fault)", fault, Selection(per: fault.kind.units[0], share: .probability(0)))
                })
            let (client, service) = try await Self.pair(bench, listener)
            let (there, back) = (noise(3 << 20, seed: 1), noise(3 << 20, seed: 2))
            async let sent: Void = client.send(there)
            async let received = service.receive(exactly: there.count)
            try await sent
            #expect(await received == there)
            client.finish()
            #expect(await service.receive() == .end)
            async let answered: Void = service.send(back)
            let (answer, _) = (await client.receive(exactly: back.count), try await answered)
            #expect(answer == back)
            service.finish()
            #expect(await client.receive() == .end)
            #expect(await bench.proxy.hits() == [:])
            #expect(bench.decisions.isEmpty)
        }
    }

    @Test("Refused: who connects is refused, who is connected is reset, the port stays reserved, and all is well afterwards")
    func refuse() async throws {
        try await withProxy { bench, listener in
            // Both are kept: one that nobody holds is closed, and the other would hear of that end first.
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("down", .refuse(existing: .reset)))
            for end in [client, service] { #expect(await end.receive() == .failure(ECONNRESET)) }
            await #expect { _ = try await RawSocket.connect(bench.port) } throws: { ($0 as? RawSocket.Failure)?.code == ECONNREFUSED }
            #expect(throws: RawSocket.Failure.self, "somebody else got the port") { _ = try RawSocket.listen(bench.port) }
            try await bench.install()
            let (again, other) = try await Self.pair(bench, listener)
            try await again.send("hello")
            #expect(await other.receiveText(5) == "hello")
            #expect(await bench.proxy.hits() == ["down": 2])
        }
    }

    @Test("Refused, with what is connected kept")
    func refuseNewOnly() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("down", .refuse(existing: .keep)))
            await #expect(throws: RawSocket.Failure.self) { _ = try await RawSocket.connect(bench.port) }
            try await client.send("still here")
            #expect(await service.receiveText(10) == "still here")
        }
    }

    @Test("Accept hangs: who connects gets no answer, until the fault is taken back")
    func acceptHang() async throws {
        try await withProxy { bench, listener in
            try await bench.install(ProxyFault("hang", .acceptHang))
            let client = RawSocket.beginConnecting(bench.port)
            #expect(await !client.isConnected(within: 300))
            #expect(await bench.proxy.hits()["hang", default: 0] >= 1)
            try await bench.install()
            // The system asks again by itself.
            #expect(await client.isConnected(within: 60_000))
            let service = try await listener.accept()
            try await client.send("at last")
            #expect(await service.receiveText(7) == "at last")
        }
    }

    @Test(
        "Blackholed: nothing passes, an end neither, and nothing is lost",
        arguments: [NetworkFault.Direction.both, .upstream, .downstream])
    func blackhole(direction: NetworkFault.Direction) async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await client.send("before")
            #expect(await service.receiveText(6) == "before")
            try await bench.install(ProxyFault("hole", .blackhole(direction, after: .zero, closeAfter: nil)))
            try await client.send("question")
            client.finish()
            try await service.send("answer")
            if direction.covers(.upstream) { #expect(await service.receive(within: 200) == .nothing) }
            if direction.covers(.downstream) { #expect(await client.receive(within: 200) == .nothing) }
            if direction == .upstream { #expect(await client.receiveText(6) == "answer") }
            if direction == .downstream { #expect(await service.receiveText(8) == "question") }
            try await bench.waitForHits()
            try await bench.install()
            if direction != .downstream { #expect(await service.receiveText(8) == "question") }
            #expect(await service.receive() == .end)
            if direction != .upstream { #expect(await client.receiveText(6) == "answer") }
            #expect(await bench.proxy.hits() == ["hole": 1])
        }
    }

    @Test("Reset: existing connections and the first so many")
    func reset() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("cut", .reset(after: .zero), Selection(per: .connection, share: .first(3))))
            #expect(await client.receive() == .failure(ECONNRESET))
            #expect(await service.receive() == .failure(ECONNRESET))
            for _ in 0..<2 {
                let next = try await RawSocket.connect(bench.port)
                #expect(await next.receive() == .failure(ECONNRESET))
            }
            let (last, its) = try await Self.pair(bench, listener)
            try await last.send("through")
            #expect(await its.receiveText(7) == "through")
            #expect(await bench.proxy.hits() == ["cut": 3])
            #expect(bench.decisions.map(\.connection) == [1, 2, 3])
        }
    }

    @Test("Latency holds a read and all that follow it, in order")
    func latency() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(
                ProxyFault("slow", .latency(.constant(Self.hour), .downstream), Selection(per: .chunk, share: .nth(2))))
            try await service.send("one")
            #expect(await client.receiveText(3) == "one")
            try await service.send("two")
            try await bench.waitForHits()
            #expect(await client.receive(within: 200) == .nothing)
            try await service.send("three")
            #expect(await client.receive(within: 100) == .nothing)
            try await client.send("the other way")
            #expect(await service.receiveText(13) == "the other way")
            try await bench.install()
            #expect(await client.receiveText(8) == "twothree")
            #expect(bench.decisions.map(\.part) == [.chunk(.downstream, 2)])
        }
    }

    @Test("Latency is at least what was drawn")
    func drawnLatency() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("slow", .latency(.uniform(from: .milliseconds(60), to: .milliseconds(120)), .upstream)))
            let start = ContinuousClock.now
            try await client.send("hello")
            #expect(await service.receiveText(5) == "hello")
            #expect(ContinuousClock.now - start >= .milliseconds(60))
        }
    }

    @Test("Bandwidth: little passes at first, all in the end")
    func bandwidth() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("thin", .bandwidth(100, .downstream)))
            let bytes = noise(100_000)
            try await service.send(bytes)
            let first = await client.receive(atMost: 1 << 20)
            guard case .bytes(let some) = first else {
                Issue.record("nothing came: \(first)")
                return
            }
            #expect(some.count < 1_000)
            try await bench.install()
            #expect(some + (await client.receive(exactly: bytes.count - some.count)) == bytes)
            #expect(await bench.proxy.hits() == ["thin": 1])
        }
    }

    @Test("Slices: a piece, and after the pause the next")
    func slice() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("cut", .slice(size: 10, variation: 0, delay: Self.hour, .downstream)))
            let bytes = noise(100)
            try await service.send(bytes)
            #expect(await client.receive() == .bytes(Array(bytes[..<10])))
            #expect(await client.receive(within: 100) == .nothing)
            try await bench.install()
            #expect(await client.receive(exactly: 90) == Array(bytes[10...]))
        }
    }

    @Test("So many bytes pass, then the connection ends", arguments: [NetworkFault.Ending.close, .reset])
    func limitBytes(ending: NetworkFault.Ending) async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await service.send("before")
            #expect(await client.receiveText(6) == "before")
            try await bench.install(ProxyFault("limit", .limitBytes(300, .downstream, then: ending)))
            let bytes = noise(1_000)
            try await service.send(Array(bytes[..<200]))
            #expect(await client.receive(exactly: 200) == Array(bytes[..<200]))
            try await service.send(Array(bytes[200...]))
            let (rest, end) = await client.receiveAll()
            switch ending {
            case .close:
                #expect(rest == Array(bytes[200..<300]))
                #expect(end == .end)
            case .reset:
                // RST may overtake what was sent before it.
                #expect(rest == Array(bytes[200..<300].prefix(rest.count)))
                #expect(end == .failure(ECONNRESET))
            }
            #expect(await bench.proxy.hits() == ["limit": 1])
        }
    }

    @Test("Half closed: one way ends, the other goes on")
    func halfClose() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("half", .halfClose(.downstream, after: .zero)))
            #expect(await client.receive() == .end)
            try await service.send("for nobody")
            try await client.send("goes on")
            #expect(await service.receiveText(7) == "goes on")
            client.finish()
            #expect(await service.receive() == .end)
        }
    }

    @Test("An end is passed on later")
    func slowClose() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            try await bench.install(ProxyFault("slow", .slowClose(Self.hour, .downstream)))
            try await service.send("bye")
            service.finish()
            #expect(await client.receiveText(3) == "bye")
            try await bench.waitForHits()
            #expect(await client.receive(within: 200) == .nothing)
            try await bench.install()
            #expect(await client.receive() == .end)
            #expect(await bench.proxy.hits() == ["slow": 1])
        }
    }

    @Test("Bits are flipped, the same with the same seed")
    func corrupt() async throws {
        let bytes = noise(1_000)
        var outcomes: [[UInt8]] = []
        for seed: UInt64 in [5, 5, 6] {
            try await withProxy(seed: seed) { bench, listener in
                let (client, service) = try await Self.pair(bench, listener)
                try await bench.install(ProxyFault("flip", .corrupt(bits: 1, .downstream), Selection(per: .chunk, share: .first(1))))
                try await service.send(bytes)
                outcomes.append(await client.receive(exactly: bytes.count))
            }
        }
        for outcome in outcomes {
            let flipped = zip(bytes, outcome).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            #expect(flipped == 1)
        }
        #expect(outcomes[0] == outcomes[1])
        #expect(outcomes[0] != outcomes[2])
    }

    @Test("Who is hit depends on the seed and the number of the connection alone; shares of a group exclude each other")
    func draws() async throws {
        var runs: [[Int: String]] = []
        for seed: UInt64 in [11, 11, 12] {
            try await withProxy(seed: seed) { bench, listener in
                var open: [RawSocket] = []
                for _ in 0..<40 {
                    let (client, service) = try await Self.pair(bench, listener)
                    open += [client, service]
                }
                try await bench.install(
                    ProxyFault("a", .reset(after: .zero), Selection(per: .connection, share: .probability(0.3)), group: "g"),
                    ProxyFault("b", .reset(after: .zero), Selection(per: .connection, share: .probability(0.3)), group: "g"))
                let hits = await bench.proxy.hits()
                runs.append(Dictionary(bench.decisions.map { ($0.connection!, $0.fault) }, uniquingKeysWith: { "\($0) and \($1)" }))
                #expect(hits.values.reduce(0, +) == runs.last!.count, "nobody is hit by both")
                #expect(Set(runs.last!.values) == ["a", "b"])
                #expect(runs.last!.count < 40)
                for (index, client) in open.enumerated() where index % 2 == 0 {
                    let expected: RawSocket.Received = runs.last![index / 2 + 1] == nil ? .nothing : .failure(ECONNRESET)
                    #expect(await client.receive(within: 50) == expected)
                }
            }
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
    }

    @Test("What nobody takes is not read without end, and nothing of it is lost")
    func backpressure() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            let block = noise(1 << 16)
            let limit = 256 << 20
            let sent = await client.sendUntilFull(block, patience: 500, atMost: limit)
            // What the systems and the proxy keep; a proxy without a bound would have taken all.
            #expect(sent < limit / 4)
            client.finish()
            var received = 0
            while case .bytes(let bytes) = await service.receive() { received += bytes.count }
            #expect(received == sent)
        }
    }

    @Test("A reset stays a reset, whichever side it comes from", arguments: [true, false])
    func resetPasses(fromClient: Bool) async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            let (one, other) = fromClient ? (client, service) : (service, client)
            one.reset()
            #expect(await other.receive() == .failure(ECONNRESET))
        }
    }

    @Test("A service that is down: its clients are reset")
    func nobodyThere() async throws {
        let port = try RawSocket.listen().port
        let bench = try await ProxyBench(upstream: port)
        let client = try await RawSocket.connect(bench.port)
        #expect(await client.receive() == .failure(ECONNRESET))
        await bench.stop()
    }

    @Test("A proxy that ends gives its port back and leaves nobody connected", .timeLimit(.minutes(1)))
    func end() async throws {
        let listener = try RawSocket.listen()
        let bench = try await ProxyBench(upstream: listener.port)
        let (client, service) = try await Self.pair(bench, listener)
        await bench.proxy.shutdown(grace: .zero)
        #expect(await client.receive() == .failure(ECONNRESET))
        #expect(await service.receive() == .failure(ECONNRESET))
        // A port that was given back may be somebody else's for a while: tests beside this one are given ports all the time.
        while (try? RawSocket.listen(bench.port)) == nil { await Task.yield() }
    }
}
