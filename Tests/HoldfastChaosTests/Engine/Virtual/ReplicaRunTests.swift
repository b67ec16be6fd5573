import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Services with several replicas, in virtual time")
struct ReplicaRunTests {
    private static let phases = #"{ "name": "before", "for": "5s" }, { "name": "run", "for": "5s" }, { "name": "after", "for": "5s" }"#
    private static let load = #""deadline": "500ms", "arrival": { "constant": { "rate": [ { "at": "before", "rps": 100 } ] } }"#
    private static let invariants = #"""
        { "id": "undone", "role": "after", "invariant": "allFaultsUndone" },
        { "id": "leaks", "role": "after", "invariant": "nothingLeaked" },
        { "id": "one", "role": "after", "invariant": "everyCallHasOneOutcome" }
        """#

    private static func fault(_ kind: String, replica: Int?, _ rest: String = "") -> String {
        let target = #"{ "service": "say"\#(replica.map { #", "replica": \#($0)"# } ?? "") }"#
        return #"{ "id": "it", "kind": "\#(kind)", "target": \#(target), "from": "run", "for": "5s" \#(rest) }"#
    }

    /// Fifteen seconds of three replicas, of which something breaks in the middle five.
    private static func text(_ fault: String, pipeline: String = "", variant: String = "") -> VirtualRuns.Text {
        var text = VirtualRuns.Text()
        text.service = #""replicas": 3, "workers": 100, "serviceTime": { "constant": "25ms" }"#
        (text.phases, text.load, text.assertions) = (phases, load, invariants)
        (text.faults, text.pipeline, text.variant) = (fault, pipeline, variant)
        return text
    }

    private static func worked(_ result: RunResult) -> [Int] {
        (result.variants[0].replicas ?? []).map { $0.worked.reduce(0, +) }
    }

    @Test("Calls go to all replicas in turn, each has workers of its own, and the journal says what each did")
    func inTurn() async throws {
        var text = VirtualRuns.Text()
        // One worker serves forty a second, three serve a hundred.
        text.service = #""replicas": 3, "workers": 1, "serviceTime": { "constant": "25ms" }"#
        let (result, journal) = try await VirtualRuns.run(text)
        #expect(VirtualRuns.outcomes(result) == ["success": 1000])
        #expect(Self.worked(result) == [334, 333, 333])
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.max"].map { abs($0 - 25) <= 0.03 } == true)
        let lines = journal.split(separator: "\n").filter { $0.contains(#""event":"replicas""#) }
        #expect(lines.count == 10 && lines[0].contains(#""service":"say""#) && lines[0].contains(#""worked":["#), "\(lines)")
    }

    @Test("With pick-first one replica gets all, and the next one when that is gone")
    func pickFirst() async throws {
        let text = Self.text(Self.fault("proc.kill", replica: 0), variant: #", "loadBalancing": "pickFirst""#)
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed, "\(result.variants[0].verdict.sentence)")
        // The calls of the last 25 ms before the kill are lost with it; the client stays where it went.
        #expect(VirtualRuns.outcomes(result) == ["success": 1498, "error": 2])
        #expect(Self.worked(result) == [500, 1000, 0])
        #expect(result.variants[0].faults[0].hits == 1)
    }

    @Test("Of three replicas one is killed: its calls under way are lost, the others serve, and it serves again afterwards")
    func kill() async throws {
        let result = try await VirtualRuns.run(Self.text(Self.fault("proc.kill", replica: 1))).result
        #expect(result.verdict == .passed, "\(result.variants[0].verdict.sentence)")
        let lost = VirtualRuns.outcomes(result)["error"] ?? 0
        #expect((0...1).contains(lost), "\(lost)")
        let replica = try #require(result.variants[0].replicas?[1])
        #expect(replica.worked[5..<10].reduce(0, +) == 0 && replica.worked[10...].reduce(0, +) > 150)
    }

    @Test("A fault of a service hits all of its replicas, one of a replica that one alone", arguments: [nil, 2])
    func targets(replica: Int?) async throws {
        let fault = Self.fault(
            "rpc.error", replica: replica, #", "select": { "per": "attempt", "probability": 1 }, "with": { "status": "UNAVAILABLE" }"#)
        let result = try await VirtualRuns.run(Self.text(fault)).result
        let errors = try #require(result.variants[0].loads[0].phases[1].outcomes["error"])
        #expect(replica == nil ? errors == 500 : (165...167).contains(errors))
        #expect(result.variants[0].faults[0].hits == errors && result.variants[0].faults[0].replica == replica)
    }

    @Test("A frozen replica costs its share of the calls; a retry or a hedge asks another replica and loses none")
    func frozen() async throws {
        let fault = Self.fault("proc.stop", replica: 1)
        let plain = try await VirtualRuns.run(Self.text(fault)).result
        let timeouts = try #require(plain.variants[0].loads[0].phases[1].outcomes["timeout"])
        // Those of the last half second wait until it goes on.
        #expect((145...155).contains(timeouts), "\(timeouts)")
        let retry = #"{ "retry": { "maxAttempts": 2, "budget": { "ratio": 1 } } }, { "timeout": { "after": "100ms" } }"#
        let hedge = #"{ "hedge": { "after": "50ms", "budget": { "ratio": 1 } } }"#
        for (pipeline, latency) in [(retry, 125.0...300), (hedge, 75.0...76)] {
            let result = try await VirtualRuns.run(Self.text(fault, pipeline: pipeline)).result
            #expect(VirtualRuns.outcomes(result) == ["success": 1500], "\(pipeline)")
            let slowest = try #require(result.variants[0].loads[0].phases[1].metrics["latency.max"])
            #expect(latency.contains(slowest), "\(slowest)")
        }
    }

    @Test("Of two drawn the less busy one: a frozen replica fills up and gets few of the calls")
    func leastRequest() async throws {
        let fault = Self.fault("proc.stop", replica: 1)
        let inTurn = try await VirtualRuns.run(Self.text(fault)).result
        let (least, journal) = try await VirtualRuns.run(Self.text(fault, variant: #", "loadBalancing": "leastRequest""#))
        let lost = [inTurn, least].map { $0.variants[0].loads[0].phases[1].outcomes["timeout"] ?? 0 }
        #expect(lost[1] < lost[0] / 2, "\(lost)")
        let again = try await VirtualRuns.run(Self.text(fault, variant: #", "loadBalancing": "leastRequest""#)).journal
        #expect(again == journal)
    }

    @Test("Outlier detection leaves a replica out that fails so many times in a row, for a while")
    func outliers() async throws {
        let fault = Self.fault(
            "rpc.error", replica: 0, #", "select": { "per": "attempt", "probability": 1 }, "with": { "status": "UNAVAILABLE" }"#)
        let variant = #", "outlierDetection": { "consecutiveFailures": 5, "failureRate": 1, "baseEjectionTime": "1s", "interval": "60s" }"#
        let result = try await VirtualRuns.run(Self.text(fault, variant: variant)).result
        // Five, left out for one second; five more, for two; five more, for three, which reach beyond the fault.
        #expect(VirtualRuns.outcomes(result)["error"] == 15, "\(VirtualRuns.outcomes(result))")
        #expect(result.variants[0].faults[0].hits == 15)
    }

    @Test("Clients balance each on their own, and one that has all replicas down hears that it is refused")
    func severalClients() async throws {
        var text = Self.text(Self.fault("proc.kill", replica: nil))
        text.load += #", "clients": 3"#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed, "\(result.variants[0].verdict.sentence)")
        #expect(result.variants[0].loads[0].phases[1].details == ["error UNAVAILABLE": 500])
        #expect(result.variants[0].loads[0].phases[2].outcomes == ["success": 500])
        #expect(result.variants[0].faults[0].hits == 3)
        #expect(Self.worked(result).allSatisfy { (250...420).contains($0) }, "\(Self.worked(result))")
    }
}
