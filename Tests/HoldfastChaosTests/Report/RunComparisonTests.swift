import Foundation
import Testing

@testable import HoldfastChaos

@Suite("Two runs side by side")
struct RunComparisonTests {
    /// The sample and one like it in which its callers were worse off.
    private static func pair() throws -> (RunResult, RunResult) {
        let first = try SampleRun.result()
        var second = first
        second.seed = 99
        second.variants[0].assertions[1].passed = false
        second.variants[0].assertions[1].observed = "50 %"
        second.variants[0].loads[0].phases[2].metrics["answeredRatio"] = 0.5
        second.variants[0].loads[0].phases[1].metrics["latency.p50"] =
            first.variants[0].loads[0].phases[1].metrics["latency.p50"].map { $0 * 3 }
        second.variants[1].name = "another"
        return (first, second)
    }

    @Test("The lines tell what differs, and nothing else")
    func lines() throws {
        let (first, second) = try Self.pair()
        let lines = ComparisonLines.lines(RunComparison(first, second), style: .plain)
        let claim = first.variants[0].assertions[1]
        #expect(lines.contains("  \(claim.id): A ✓ \(claim.observed), B ✗ 50 %"), "\(lines)")
        #expect(lines.contains { $0.contains("latency.p50") && $0.hasSuffix("3 times") }, "\(lines)")
        #expect(lines.contains { $0.contains("answeredRatio") && $0.contains("−50 points") }, "\(lines)")
        #expect(lines.filter { $0.contains("successRatio") || $0.contains("baseline") }.isEmpty, "\(lines)")
        #expect(lines.contains("  only in A") && lines.contains("  only in B"))
    }

    @Test("A run beside itself differs in nothing")
    func same() throws {
        let result = try SampleRun.result()
        let lines = ComparisonLines.lines(RunComparison(result, result), style: .plain)
        #expect(
            lines.filter { $0.hasPrefix("  ") }
                == result.variants.map { _ in "  the same claims hold, and no figure differs by a point or a tenth" })
    }

    @Test("The page has both runs' panels, refers to nothing outside itself, and takes no text for markup")
    func page() throws {
        var (first, second) = try Self.pair()
        first.title = "</style><script>alert(1)</script>"
        second.variants[0].assertions[1].observed = "<b>"
        let html = ComparisonPage(RunComparison(first, second)).html
        if let path = ProcessInfo.processInfo.environment["HOLDFAST_SAMPLE_COMPARISON"] {
            try Data(html.utf8).write(to: URL(filePath: path))
        }
        for reference in ["http://", "https://", "src=", "href=", "url(", "@import", "<script>alert", "<b></td>"] {
            #expect(!html.contains(reference), "\(reference)")
        }
        #expect(html.components(separatedBy: "aria-label=\"Calls per second by outcome\"").count == 5)
        #expect(html.contains("class=\"differs\""))
    }

    @Test("Figures that no run has are refused, for nothing could be made of them")
    func implausible() throws {
        let sample = try SampleRun.result()
        func expectRefusal(_ change: (inout RunResult) -> Void, line: Int = #line) throws {
            var result = sample
            change(&result)
            let json = try result.json()
            #expect(throws: DecodingError.self, "the change of line \(line)") { try RunResult(json: json) }
        }
        try expectRefusal { $0.variants[0].loads[0].seconds[1].outcomes = ["success": .max, "error": .max] }
        try expectRefusal { $0.variants[0].loads[0].seconds[1].outcomes = ["success": -1] }
        try expectRefusal { $0.variants[0].loads[0].seconds[1].attempts = .max }
        try expectRefusal { $0.variants[0].loads[0].seconds[1].second = .max }
        try expectRefusal { $0.phases[0].end = 1e300 }
        try expectRefusal { result in
            var replicas = [ReplicaResult(service: "say", replica: 0, RunFacts(offered: [:]), seconds: 2)]
            replicas.append(ReplicaResult(service: "say", replica: 1, RunFacts(offered: [:]), seconds: 1))
            result.variants[0].replicas = replicas
        }
    }

    @Test("A result reads back as what was written")
    func roundTrip() throws {
        var result = try SampleRun.result()
        result.abortReason = "it was interrupted"
        result.variants[0].faults[0].obstacle = "no cgroup"
        #expect(try RunResult(json: result.json()) == result)
    }
}
