import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("How faults grow and fade")
struct FaultShapeTests {
    private static let whole = FaultShape.Levels()

    @Test(
        "Each curve has its level at each time of a fault of 8 s",
        arguments: [
            (FaultShape.Curve.step(.init(from: 0.25, to: 0.75), at: .seconds(3)), [0, 2, 3, 8], [0.25, 0.25, 0.75, 0.75]),
            (.ramp(whole), [0, 2, 4, 8], [0, 0.25, 0.5, 1]),
            (.ramp(.init(from: 1, to: 0)), [0, 2, 8], [1, 0.75, 0]),
            (.triangle(whole, period: .seconds(4)), [0, 1, 2, 3, 4, 5], [0, 0.5, 1, 0.5, 0, 0.5]),
            (.sine(whole, period: .seconds(4)), [0, 1, 2, 3, 4], [0, 0.5, 1, 0.5, 0]),
            (.square(.init(from: 0.1, to: 0.9), period: .seconds(4), share: 0.25), [0, 1, 3, 4], [0.9, 0.1, 0.1, 0.9]),
            (
                .points([.init(at: .seconds(1), level: 0.5), .init(at: .seconds(3), level: 1), .init(at: .seconds(4), level: 0)]),
                [0, 1, 2, 3, 4, 7], [0.5, 0.5, 0.75, 1, 0, 0]
            ),
        ])
    func levels(curve: FaultShape.Curve, times: [Int], levels: [Double]) {
        for (time, level) in zip(times, levels) {
            let found = FaultShape(.magnitude, curve).level(at: .seconds(time), of: .seconds(8))
            #expect(abs(found - level) < 1e-9, "at \(time) s: \(found)")
        }
    }

    private static func run(_ fault: String, service: String = #""workers": 16"#, others: String = "") async throws -> [SecondResult] {
        var text = VirtualRuns.Text()
        text.service = service
        text.faults = #"{ "id": "it", "target": { "service": "say" }, "from": "run", "for": "10s", \#(fault) }\#(others)"#
        return try await VirtualRuns.run(text).result.variants[0].loads[0].seconds
    }

    private static let errors = #""kind": "rpc.error", "with": { "status": "INTERNAL" }, "select": { "per": "attempt", "probability": 1 }"#

    @Test("A square over the probability is a service that flaps, to the second")
    func flapping() async throws {
        let seconds = try await Self.run(#"\#(Self.errors), "shape": { "over": "probability", "square": { "period": "4s" } }"#)
        #expect(seconds.map { $0.outcomes["error"] ?? 0 } == [100, 100, 0, 0, 100, 100, 0, 0, 100, 100])
    }

    @Test("A ramp over the probability hits ever more of the calls, and leaves the draws where they are")
    func ramp() async throws {
        let seconds = try await Self.run(#"\#(Self.errors), "shape": { "over": "probability", "ramp": {} }"#)
        let expected = (0..<1000).map { index in
            FaultDraw.uniform(seed: 1, key: "id it", load: "users", callIndex: index, attempt: 1) < Double(index) / 1000
        }
        let counts = (0..<10).map { second in expected[second * 100..<second * 100 + 100].count { $0 } }
        #expect(seconds.map { $0.outcomes["error"] ?? 0 } == counts)
        #expect(counts.last! > 85 && counts.first! < 15)
    }

    @Test("Points over the magnitude are latency that creeps up")
    func creep() async throws {
        let seconds = try await Self.run(
            #"""
            "kind": "rpc.latency", "with": { "delay": "100ms" }, "select": { "per": "attempt", "probability": 1 },
            "shape": { "over": "magnitude", "points": [ { "at": "0s", "level": 0 }, { "at": "10s", "level": 1 } ] }
            """#)
        for (second, result) in seconds.enumerated() {
            let slowest = Double(second) * 10 + 9.9
            #expect(result.maximum.map { abs($0 - slowest) <= 0.2 } == true, "\(second): \(result)")
        }
    }

    @Test("A curve goes on, also when something else strikes the process again and again")
    func restarts() async throws {
        let seconds = try await Self.run(
            #""kind": "rpc.error", "select": { "per": "attempt", "probability": 1 }, "with": { "status": "UNAVAILABLE" }, "shape": { "over": "probability", "step": { "at": "5s" } }"#,
            others:
                #", { "id": "again", "kind": "proc.restart", "target": { "service": "say" }, "from": "run", "for": "8s", "with": { "every": "500ms" } }"#
        )
        #expect(seconds.map { $0.outcomes["success"] ?? 0 } == Array(repeating: 100, count: 5) + Array(repeating: 0, count: 5))
    }

    @Test("A step over lost capacity takes it away at its time")
    func capacity() async throws {
        let seconds = try await Self.run(
            #""kind": "svc.capacity", "with": { "share": 0.25 }, "shape": { "over": "magnitude", "step": { "at": "5s" } }"#,
            service: #""workers": 1, "serviceTime": { "constant": "2ms" }"#)
        #expect(seconds.map { $0.maximum.map { Int($0.rounded()) } } == Array(repeating: 2, count: 5) + Array(repeating: 8, count: 5))
    }
}
