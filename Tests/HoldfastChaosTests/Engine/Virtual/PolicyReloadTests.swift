import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Policies that are reloaded while a variant runs")
struct PolicyReloadTests {
    private static let patient = #"{ "timeout": { "after": "500ms" } }"#
    private static let impatient = #"{ "timeout": { "after": "10ms" } }"#

    private static func breaker(_ name: String = "breaker") -> String {
        #"""
        { "circuitBreaker": { "name": "\#(name)", "window": { "count": 10 }, "minimumCalls": 10, "open": { "for": "60s", "jitter": 0 } } }
        """#
    }

    /// How the calls of each second ended.
    private static func seconds(_ result: RunResult) -> [[String: Int]] {
        result.variants[0].loads[0].seconds.map { $0.outcomes.filter { $0.value > 0 } }
    }

    @Test("From its moment on, and no call sooner or later, others are in force")
    func atItsMoment() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": "50ms""#
        text.pipeline = Self.impatient
        text.reloads = [("run + 3s", Self.patient), ("run + 7s", Self.impatient)]
        let run = try await VirtualRuns.run(text)
        let expected = (0..<10).map { (3..<7).contains($0) ? ["success": 100] : ["timeout": 100] }
        #expect(Self.seconds(run.result) == expected)
        #expect(run.result.variants[0].reloads?.map(\.at) == [3, 7])
        #expect(run.journal.split(separator: "\n").count { $0.contains(#""event":"reloaded""#) } == 2)
        #expect(try await VirtualRuns.run(text).journal.replacing(Self.folder, with: "") == run.journal.replacing(Self.folder, with: ""))
    }

    /// The folder of a run's files, which is another in each run.
    private static var folder: Regex<Substring> { /[^"]*holdfast-[-0-9A-F]*/ }

    @Test("A breaker of the same name stays open; one of another name begins closed, and its story is told too", arguments: [true, false])
    func breakers(isKept: Bool) async throws {
        var text = VirtualRuns.Text()
        text.faults = #"""
            { "id": "it", "kind": "rpc.error", "target": { "service": "say" }, "from": "run", "for": "8s",
              "select": { "per": "attempt", "probability": 1 }, "with": { "status": "UNAVAILABLE" } }
            """#
        text.pipeline = Self.breaker()
        text.reloads = [("run + 5s", "\(Self.patient), \(isKept ? Self.breaker() : Self.breaker("other"))")]
        let result = try await VirtualRuns.run(text).result
        let attempts = result.variants[0].loads[0].seconds.map { Int((100 * ($0.attemptsPerCall ?? 0)).rounded()) }
        #expect(attempts == (isKept ? [10] + Array(repeating: 0, count: 9) : [10, 0, 0, 0, 0, 10, 0, 0, 0, 0]))
        let opened = result.variants[0].breakers.filter { $0.spells.contains { $0.state == .open } }.map(\.name)
        #expect(opened == (isKept ? ["say/breaker"] : ["say/breaker", "say/other"]))
    }

    @Test("Each client of a load is given the policies")
    func allClients() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": "50ms""#
        text.load += #", "clients": 5"#
        text.pipeline = Self.impatient
        text.reloads = [("run + 5s", Self.patient)]
        let result = try await VirtualRuns.run(text).result
        #expect(VirtualRuns.outcomes(result) == ["timeout": 500, "success": 500])
    }
}
