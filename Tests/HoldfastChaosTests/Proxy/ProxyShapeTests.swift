import Foundation
import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Faults of a proxy that grow and fade", .timeLimit(.minutes(2)))
struct ProxyShapeTests {
    /// No test takes as long.
    private static let hour = Duration.seconds(3600)

    /// Nothing for the first hour, then all.
    private static func late(_ subject: FaultShape.Subject) -> FaultShape { FaultShape(subject, .step(.init(), at: hour)) }

    private static func pair(_ bench: ProxyBench, _ listener: RawSocket) async throws -> (client: RawSocket, service: RawSocket) {
        let client = try await RawSocket.connect(bench.port)
        return (client, try await listener.accept())
    }

    @Test("A probability follows its curve: what is chosen by chunk at one time is left alone at another")
    func probability() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            let fault = ProxyFault(
                "slow", .latency(.constant(Self.hour), .upstream), Selection(per: .chunk, share: .probability(1)),
                shape: Self.late(.probability))
            try await bench.install(fault)
            try await client.send("early")
            #expect(await service.receiveText(5) == "early")
            try await bench.install([fault], age: Self.hour)
            try await client.send("late")
            try await bench.waitForHits()
            #expect(await service.receive(within: 200) == .nothing)
            #expect(bench.decisions.count == 1)
        }
    }

    @Test("A magnitude follows its curve: delays, flipped bits and bandwidth")
    func magnitude() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            let shape = Self.late(.magnitude)
            let faults = [
                ProxyFault("slow", .latency(.constant(Self.hour), .upstream), shape: shape),
                ProxyFault("bits", .corrupt(bits: 8, .downstream), shape: shape),
                ProxyFault("thin", .bandwidth(1, .downstream), shape: shape),
            ]
            try await bench.install(faults)
            try await client.send("early")
            #expect(await service.receiveText(5) == "early")
            let bytes = noise(10_000)
            try await service.send(bytes)
            #expect(await client.receive(exactly: bytes.count) == bytes)
            // In full: an hour's delay one way, a byte a second the other.
            try await bench.install(faults, age: Self.hour)
            try await client.send("late")
            try await bench.waitForHits()
            #expect(await service.receive(within: 200) == .nothing)
            try await service.send(bytes)
            guard case .bytes(let some) = await client.receive(atMost: 1 << 20) else {
                Issue.record("nothing came")
                return
            }
            #expect(some.count < 100)
            #expect(Set(bench.decisions.map(\.fault)) == ["slow", "bits", "thin"])
        }
    }

    @Test("A whole connection is hit and left by itself, as its draw and the curve say")
    func connection() async throws {
        try await withProxy { bench, listener in
            let (client, service) = try await Self.pair(bench, listener)
            // Blocked from the beginning for two seconds, then free, with nobody telling it.
            try await bench.install(
                ProxyFault(
                    "hole", .blackhole(.both, after: .zero, closeAfter: nil), Selection(per: .connection, share: .probability(1)),
                    shape: FaultShape(.probability, .step(.init(from: 1, to: 0), at: .seconds(2)))))
            try await client.send("patience")
            #expect(await service.receiveText(8) == "patience")
            #expect(bench.decisions.map(\.fault) == ["hole"])
            // And the other way round: a connection that was whole is reset once the probability is there.
            try await bench.install(
                ProxyFault(
                    "cut", .reset(after: .zero), Selection(per: .connection, share: .probability(1)),
                    shape: FaultShape(.probability, .step(.init(), at: .milliseconds(200)))))
            #expect(await client.receive() == .failure(ECONNRESET))
        }
    }

    @Test("Putting the same faults into force anew does not begin their curves or their counts anew")
    func goesOn() throws {
        let ledger = FaultLedger(seed: 1) { _ in }
        let fault = FaultSpec(
            id: "it", kind: .network(.reset(after: .zero), Selection(per: .connection, share: .probability(1))), service: "",
            from: TimeReference(text: "start", offset: .zero), duration: .zero, shape: Self.late(.probability))
        func plan(at time: Duration) -> FaultPlan { FaultPlan(seed: 1, faults: [fault], active: ["it"], at: time) }
        #expect(ledger.install(plan(at: .zero)) == [])
        #expect(!ledger.chooses(ledger.plan.entries[0], connection: 1))
        #expect(ledger.install(plan(at: Self.hour)) == ["it"])
        #expect(ledger.chooses(ledger.plan.entries[0], connection: 1))
    }
}
