import Testing

@testable import HoldfastChaos

@Suite("Whether real and virtual runs agree")
struct AgreementTests {
    /// A run in which a share of the attempts fails from then on, and perhaps a breaker opens for it.
    private static func run(
        failing share: Double = 0, from: String = "0s", opens: Bool = false, seed: Int = 1
    ) async throws -> RunResult {
        var text = VirtualRuns.Text()
        text.seed = seed
        text.phases = #"{ "name": "before", "for": "1s", "measure": false }, { "name": "run", "for": "9s" }"#
        text.load = #""deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "before", "rps": 100 } ] } }"#
        text.faults = #"""
            { "id": "it", "kind": "rpc.error", "target": { "service": "say" }, "from": "before + \#(from)", "for": "7s",
              "select": { "per": "attempt", "probability": \#(share) }, "with": { "status": "UNAVAILABLE" } }
            """#
        if opens { text.pipeline = #"{ "circuitBreaker": { "window": { "count": 10 }, "minimumCalls": 10, "open": { "for": "60s" } } }"# }
        return try await VirtualRuns.run(text).result
    }

    /// The subjects that do not agree.
    private static func apart(_ real: [RunResult], _ virtual: [RunResult]) -> [String] {
        Agreement(real: real, virtual: virtual).rows.filter { !$0.holds }.map(\.subject)
    }

    @Test("What is the same agrees, figure by figure of the measured phases")
    func same() async throws {
        let run = try await Self.run(failing: 0.2)
        let agreement = Agreement(real: [run], virtual: [run, run])
        #expect(agreement.holds)
        #expect(agreement.rows.map(\.subject) == ["answeredRatio in run", "attemptsPerCall in run"])
        #expect(agreement.rows.allSatisfy { $0.difference == 0 })
    }

    @Test("Answers that lie more than a point apart do not agree")
    func answers() async throws {
        let (few, more) = (try await Self.run(failing: 0.1), try await Self.run(failing: 0.2))
        #expect(Self.apart([few], [more]) == ["answeredRatio in run"])
        // The mean counts: one pair may lie apart.
        let others = (few: try await Self.run(failing: 0.1, seed: 2), more: try await Self.run(failing: 0.2, seed: 2))
        #expect(Self.apart([few, others.more], [more, others.few]) == [])
    }

    @Test("A breaker that opens half a second later, or in one of them only, does not agree")
    func openings() async throws {
        let first = try await Self.run(failing: 1, from: "2s", opens: true)
        let second = try await Self.run(failing: 1, from: "2400ms", opens: true)
        let third = try await Self.run(failing: 1, from: "2600ms", opens: true)
        let never = try await Self.run(failing: 0, from: "2s", opens: true)
        #expect(!Self.apart([first], [second]).contains("say/circuitBreaker first opens"))
        #expect(Self.apart([first], [third]).contains("say/circuitBreaker first opens"))
        #expect(Self.apart([first], [never]).contains("say/circuitBreaker first opens"))
        #expect(Agreement(real: [never], virtual: [never]).holds)
    }

    @Test("On the terminal each figure has both means, their distance and what is allowed")
    func lines() async throws {
        let lines = AgreementLines.lines(
            Agreement(real: [try await Self.run(failing: 0.1)], virtual: [try await Self.run(failing: 0.2)]), style: .plain)
        #expect(lines.contains { $0.hasPrefix("  ✗ answeredRatio in run: real ") && $0.hasSuffix("apart, allowed ±1 points") })
        #expect(lines.last == "real and virtual lie apart in 1 of 2 figures")
    }
}
