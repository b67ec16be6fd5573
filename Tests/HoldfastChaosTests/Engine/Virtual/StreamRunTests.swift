import Foundation
import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Streams in virtual time")
struct StreamRunTests {
    private static let always = #""select": { "per": "attempt", "probability": 1 }"#

    private static func text(_ method: String, messages: Int? = nil, faults: String = "", pipeline: String = "") -> VirtualRuns.Text {
        var text = VirtualRuns.Text()
        text.kind = "echo"
        text.method = method
        text.service = #""serviceTime": { "constant": "20ms" }"#
        text.load = #"\#(messages.map { #""messages": \#($0), "# } ?? "")"deadline": "8s", "#
        text.load += #""arrival": { "constant": { "rate": [ { "at": "run", "rps": 10 } ] } }"#
        text.assertions = #"""
            { "id": "one", "role": "after", "invariant": "everyCallHasOneOutcome" },
            { "id": "truth", "role": "after", "invariant": "noWrongData" },
            { "id": "leaks", "role": "after", "invariant": "nothingLeaked" }
            """#
        (text.faults, text.pipeline) = (faults, pipeline)
        return text
    }

    private static func fault(_ kind: String, _ rest: String) -> String {
        #"{ "id": "it", "kind": "\#(kind)", "target": { "service": "say" }, "from": "run", "for": "10s", \#(rest) }"#
    }

    @Test(
        "A call takes as long as the service's conversation does",
        arguments: [
            ("Echo", 3, 20.0), ("Echo", 1, 20), ("Stream", nil, 4020), ("Heartbeats", 1, 20), ("Heartbeats", 3, 2020),
        ])
    func conversations(method: String, messages: Int?, milliseconds: Double) async throws {
        let result = try await VirtualRuns.run(Self.text(method, messages: messages)).result
        #expect(result.verdict == .passed, "\(result.variants[0].assertions.map(\.sentence))")
        #expect(VirtualRuns.outcomes(result) == ["success": 100])
        for metric in ["latency.p50", "latency.max"] {
            let latency = try #require(result.variants[0].loads[0].phases[0].metrics[metric])
            #expect(abs(latency - milliseconds) <= milliseconds / 500, "\(latency)")
        }
    }

    @Test("The same seed gives the same journal, byte for byte")
    func deterministic() async throws {
        var text = Self.text(
            "Echo", messages: 5, faults: Self.fault("rpc.partial", #""select": { "per": "attempt", "probability": 0.4 }"#),
            pipeline: #"{ "retry": { "maxAttempts": 3 } }, { "circuitBreaker": { "window": { "count": 20 } } }"#)
        text.service = #""replicas": 2, "serviceTime": { "exponential": { "mean": "20ms" } }"#
        let first = try await VirtualRuns.run(text).journal
        #expect(try await VirtualRuns.run(text).journal == first)
    }

    @Test(
        "What becomes of a stream's answers is the same as in a process",
        arguments: [
            (#""kind": "rpc.partial", "with": { "messages": 1 }"#, "error INTERNAL", 20.0),
            (#""kind": "rpc.partial", "with": { "messages": 9 }"#, "error UNKNOWN", 20),
            (#""kind": "rpc.garble""#, "error INTERNAL", 20),
            (#""kind": "rpc.error", "with": { "status": "ABORTED", "when": "afterWork" }"#, "error ABORTED", 20),
            (#""kind": "rpc.error", "with": { "status": "ABORTED" }"#, "error ABORTED", 0),
        ])
    func answers(fault: String, detail: String, milliseconds: Double) async throws {
        let faults = #"{ "id": "it", "target": { "service": "say" }, "from": "run", "for": "10s", \#(fault), \#(Self.always) }"#
        let phase = try await VirtualRuns.run(Self.text("Echo", messages: 3, faults: faults)).result.variants[0].loads[0].phases[0]
        #expect(phase.details == [detail: 100])
        #expect(phase.metrics["latency.failed.p50"].map { abs($0 - milliseconds) <= 0.03 } == true)
    }

    @Test("A slow stream is held up at each message; a wrong one breaks the invariant")
    func slowAndWrong() async throws {
        let slow = Self.fault("rpc.slowStream", #"\#(Self.always), "with": { "pause": "100ms" }"#)
        let phase = try await VirtualRuns.run(Self.text("Echo", messages: 3, faults: slow)).result.variants[0].loads[0].phases[0]
        #expect(phase.metrics["latency.max"].map { abs($0 - 320) <= 0.5 } == true)
        let wrong = Self.fault("rpc.wrongData", #""select": { "per": "attempt", "nth": 5 }"#)
        let result = try await VirtualRuns.run(Self.text("Heartbeats", messages: 2, faults: wrong)).result
        #expect(result.verdict == .failed && result.variants[0].faults[0].hits == 1)
        #expect(VirtualRuns.outcomes(result) == ["success": 100])
    }

    @Test("A stream is tried again until its headers have come, and not after that", arguments: ["trailersOnly", "beforeWork"])
    func retries(moment: String) async throws {
        let fault = Self.fault(
            "rpc.error", #""select": { "per": "attempt", "every": 2 }, "with": { "status": "UNAVAILABLE", "when": "\#(moment)" }"#)
        let pipeline = #"{ "retry": { "maxAttempts": 2, "budget": { "ratio": 1 } } }"#
        let result = try await VirtualRuns.run(Self.text("Echo", messages: 2, faults: fault, pipeline: pipeline)).result
        let answered = moment == "trailersOnly"
        #expect(VirtualRuns.outcomes(result) == (answered ? ["success": 100] : ["success": 50, "error": 50]))
    }

    @Test("Streams end with their service, wait while it is stopped, and end at their deadline")
    func processes() async throws {
        let kill = #"{ "id": "it", "kind": "proc.kill", "target": { "service": "say" }, "from": "run + 5s", "for": "1s" }"#
        let killed = try await VirtualRuns.run(Self.text("Stream", faults: kill)).result
        // Those of the four seconds before are under way, and those of the next second find nobody.
        #expect(killed.variants[0].loads[0].phases[0].details == ["error UNAVAILABLE": 50], "\(VirtualRuns.outcomes(killed))")
        let stop = #"{ "id": "it", "kind": "proc.stop", "target": { "service": "say" }, "from": "run + 5s", "for": "5s" }"#
        let stopped = try await VirtualRuns.run(Self.text("Heartbeats", messages: 2, faults: stop)).result
        #expect(stopped.verdict == .passed && VirtualRuns.outcomes(stopped) == ["success": 100])
        var hung = Self.text("Stream", faults: Self.fault("rpc.hang", Self.always))
        hung.load = hung.load.replacing("8s", with: "2s")
        #expect(VirtualRuns.outcomes(try await VirtualRuns.run(hung).result) == ["timeout": 100])
    }

    @Test("A hedge asks once more for a stream that does not begin")
    func hedged() async throws {
        let fault = Self.fault("rpc.hang", #""select": { "per": "attempt", "every": 3 }"#)
        let pipeline = #"{ "hedge": { "after": "50ms", "budget": { "ratio": 1 } } }"#
        let result = try await VirtualRuns.run(Self.text("Echo", messages: 2, faults: fault, pipeline: pipeline)).result
        #expect(VirtualRuns.outcomes(result) == ["success": 100])
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.max"].map { $0 <= 71 } == true)
    }
}
