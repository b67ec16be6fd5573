import Foundation
import Holdfast
import HoldfastChaos
import HoldfastPolicyFiles
import Testing

@Suite("Reading a scenario")
struct ScenarioReadingTests {
    @Test("Each part becomes a value")
    func parts() throws {
        let scenario = try ScenarioText.scenario()
        #expect(scenario.seed == 7)
        #expect(scenario.timeline.phases.map(\.name) == ["steady", "fault", "after"])
        #expect(scenario.timeline["fault"]?.start == .seconds(2))
        #expect(scenario.timeline.end == .seconds(14))
        #expect(scenario.services == [ServiceSpec(name: "say", kind: .say)])
        #expect(scenario.load[0].service == "say")
        #expect(scenario.load[0].request.json(index: 13) == #"{"name":"user-3"}"#)
        #expect(scenario.faults[0].start == .seconds(2))
        #expect(scenario.faults[0].end == .seconds(6))
        #expect(
            scenario.faults[0].kind
                == .rpcError(.unavailable, message: "injected by a chaos scenario", Selection(per: .attempt, share: .probability(0.6))))
        #expect(scenario.assertions.map(\.id) == ["baseline", "answered", "story", "back", "truth"])
        #expect(scenario.variants[0].expectedFailures == ["answered"])
    }

    @Test("The policy file is looked for beside the scenario")
    func policyPath() throws {
        var asked: [String] = []
        _ = try Scenario.read(file: "dir/s.json", bytes: Array(ScenarioText.base.utf8)) { path in
            asked.append(path)
            return ScenarioText.outline
        }
        #expect(asked == ["dir/say.json"])
    }

    @Test(
        "The shipped scenarios are valid", arguments: ["say-outage", "say-kill", "flapping", "goaway-churn", "poisoned-connection"])
    func examples(name: String) throws {
        #expect(try Examples.scenario(name).name == name)
    }

    @Test(
        "A moment is a phase's start or end, or a time after it",
        arguments: [("fault", 2.0), ("fault.end", 6.0), ("fault + 500ms", 2.5), ("steady.end + 1s", 3.0)])
    func moments(text: String, seconds: Double) throws {
        let scenario = try ScenarioText.read(ScenarioText.replacing([#""at": "steady""#: "\"at\": \"\(text)\""]))
        let point = RatePoint(at: TimeReference(text: text, offset: .seconds(seconds)), callsPerSecond: 100)
        #expect(scenario.load[0].arrival == .open(.constant, rate: [point]))
    }

    @Test("A killed process names its signal", arguments: [("", FaultKind.KillSignal.kill), (#", "with": { "signal": "TERM" }"#, .term)])
    func kill(with: String, signal: FaultKind.KillSignal) throws {
        let fault = #"{ "id": "dies", "kind": "proc.kill", "target": { "service": "say" }, "from": "fault", "for": "1s"\#(with) }"#
        let text = ScenarioText.replacing([#""faults": ["#: #""faults": [ \#(fault),"#])
        #expect(try ScenarioText.read(text).faults[0].kind == .processKill(signal))
    }

    @Test("A fault of the network is read with what it is set to, and exists in real time only")
    func network() throws {
        let fault = #"""
            { "id": "hole", "kind": "tcp.blackhole", "target": { "service": "say" }, "from": "fault", "for": "1s",
              "select": { "per": "connection", "first": 1 }, "with": { "direction": "upstream", "after": "2s" } }
            """#
        let text = ScenarioText.replacing([#""faults": ["#: #""faults": [ \#(fault),"#])
        #expect(
            try ScenarioText.read(text).faults[0].kind
                == .network(
                    .blackhole(.upstream, after: .seconds(2), closeAfter: nil), Selection(per: .connection, share: .first(1))))
        let both = text.replacingOccurrences(of: #""time": "real""#, with: #""time": "both""#)
        #expect {
            _ = try ScenarioText.read(both)
        } throws: {
            "\($0)".contains(#"faults[0].kind: "tcp.blackhole" has no model in virtual time; write "time": "real", or use another kind"#)
        }
    }

    @Test("A fault may begin as soon as the last gate has ended, and no sooner", arguments: ["fault", "steady.end", "steady + 2s"])
    func firstMoment(from: String) throws {
        let gates = #""for": "4s", "gate": true }, { "name": "after""#
        let text = ScenarioText.replacing([#""from": "fault""#: #""from": "\#(from)""#])
        #expect(try ScenarioText.read(text).faults[0].start == .seconds(2))
        let later = text.replacing(#""for": "4s" }, { "name": "after""#, with: gates)
        #expect {
            _ = try ScenarioText.read(later)
        } throws: {
            "\($0)".contains(#"faults[0].from: "\#(from)" is before the end of the gate "fault", and nothing breaks until that holds; "#)
        }
    }

    @Test(
        "The other faults of a process",
        arguments: [
            (#""proc.stop""#, FaultKind.processStop),
            (#""proc.restart""#, .processRestart(.term, every: nil)),
            (#""proc.restart", "with": { "signal": "KILL", "every": "200ms" }"#, .processRestart(.kill, every: .milliseconds(200))),
            (#""proc.cpuQuota", "with": { "cores": 0.25 }"#, .processCPUQuota(cores: 0.25)),
        ])
    func processFaults(text: String, kind: FaultKind) throws {
        let fault = #"{ "id": "it", "kind": \#(text), "target": { "service": "say" }, "from": "fault", "for": "1s" }"#
        #expect(try ScenarioText.read(ScenarioText.replacing([#""faults": ["#: #""faults": [ \#(fault),"#])).faults[0].kind == kind)
    }

    @Test("What virtual time has no model of is refused in a scenario that may run there", arguments: ["both", "virtual"])
    func realOnly(time: String) throws {
        let fault =
            #"{ "id": "it", "kind": "proc.cpuQuota", "target": { "service": "say" }, "from": "fault", "for": "1s", "with": { "cores": 1 } }"#
        let text = ScenarioText.replacing([#""faults": ["#: #""faults": [ \#(fault),"#, #""time": "real""#: "\"time\": \"\(time)\""])
        #expect {
            try ScenarioText.read(text)
        } throws: { error in
            "\(error)".contains(#"faults[0].kind: "proc.cpuQuota" has no model in virtual time; write "time": "real""#)
        }
    }

    @Test(
        "What is wrong is said with its place, and with what would be right",
        arguments: [
            (#""version": 1"#, #""version": 2"#, "version: version 2 is not one that this program reads; expected 1"),
            (
                #""time": "real""#, #""time": "unreal""#,
                #"time: expected "real", "virtual" or "both", found "unreal""#
            ),
            (#""seed": 7"#, #""sed": 7"#, #"sed: unknown key; did you mean "seed"?"#),
            (#""name": "small""#, #""name": "a b""#, #"name: "a b" is not a name; use up to 64 letters, digits, "-" and "_""#),
            (
                #""kind": "say" }"#, #""kind": "sya" }"#,
                #"services[0].kind: expected "say", "echo" or "code", found "sya"; did you mean "say"?"#
            ),
            (
                #""disable": ["say/fallback"]"#, #""disable": ["say/falback"]"#,
                #"variants[0].disable[0]: there is no policy element "say/falback"; did you mean "say/fallback"?"#
            ),
            (
                #""fail": ["answered"]"#, #""fail": ["anwsered"]"#,
                #"variants[0].expect.fail[0]: there is no assertion "anwsered"; did you mean "answered"?"#
            ),
            (
                #""fail": ["answered"]"#, #""fail": ["baseline"]"#,
                #"variants[0].expect.fail[0]: "baseline" is a gate: a run that fails it is not started; expect failures of other assertions"#
            ),
            (
                "grpconepb.grpconepb/SayHi", "a.B/C",
                #"load[0].method: no service of the scenario serves "a.B/C"; a load can call "grpconepb.grpconepb/SayHi""#
            ),
            ("${i % 10}", "${j}", #"load[0].request: "${j}" is not a template; write ${i} or ${i % 100}"#),
            ("${i % 10}", "${i % 0}", #"load[0].request: "${i % 0}" divides by 0; the divisor is at least 1"#),
            ("${i % 10}", "${i", #"load[0].request: "${" has no closing "}"; write ${i} or ${i % 100}"#),
            (
                #""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#, #""closed": { "concurrency": 0 }"#,
                #"load[0].arrival.closed.concurrency: expected a whole number from 1 to 10000, found the number 0"#
            ),
            (
                #""constant": { "rate": [ { "at": "steady", "rps": 100 } ] } }"#,
                #""closed": { "concurrency": 5 } }, "maxOutstanding": 3"#,
                #"load[0].maxOutstanding: a closed loop has as many calls in flight as it has users, 5 at most; remove this"#
            ),
            (
                #""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#, #""trace": "/nowhere/trace.txt""#,
                #"load[0].arrival.trace: /nowhere/trace.txt: cannot open the file: there is no such file"#
            ),
            (
                #""kind": "say" }"#, #""kind": "say", "serviceTime": { "mixture": [ { "share": 0.5, "time": "1ms" } ] } }"#,
                #"services[0].serviceTime.mixture: the shares sum to 0.5; give shares that sum to 1"#
            ),
            (
                #""kind": "say" }"#, #""kind": "say", "serviceTime": { "uniform": { "from": "2ms", "to": "1ms" } } }"#,
                #"services[0].serviceTime.uniform.to: is below "from"; give a time that is not"#
            ),
            (
                #""probability": 0.6"#, #""probability": "${P}""#,
                #"faults[0].select.probability: the parameter P is not set, and the environment is not looked at; give it by --set P=VALUE, or give a default, as in "${P:-...}""#
            ),
            (
                #""rps": 100 }"#, #""rps": 100, "shape": "linear" }"#,
                #"load[0].arrival.constant.rate[0].shape: the first point has no rate before it to move from; use "step""#
            ),
            (
                #""at": "steady""#, #""at": "stedy""#,
                #"load[0].arrival.constant.rate[0].at: there is no phase "stedy"; did you mean "steady"?"#
            ),
            (
                #""at": "steady""#, #""at": "steady + soon""#,
                #"load[0].arrival.constant.rate[0].at: "steady + soon" is not a moment; write "after", "after.end" or "after + 2s""#
            ),
            (
                #""for": "4s" }"#, #""for": "4s", "gate": true }"#,
                #"assertions: the phase "fault" is a gate, but no assertion with the role "gate" names it"#
            ),
            (
                #""rpc.error""#, #""rpc.eror""#,
                #"faults[0].kind: expected "rpc.error", "rpc.hang","#
            ),
            (#""from": "fault""#, #""from": "after + 7s""#, "faults[0]: the fault ends 3s after the last phase; end it before"),
            (
                #""status": "UNAVAILABLE""#, #""status": "UNAVAILABEL""#,
                #"faults[0].with.status: "UNAVAILABEL" is not an error's status code; did you mean "UNAVAILABLE"?"#
            ),
            (
                #""probability": 0.6"#, #""nth": 3"#,
                #"faults[0]: a fault of a group takes a share of its draw; select by "probability""#
            ),
            (
                #""metric": "answeredRatio""#, #""metric": "queue.mux""#,
                #"assertions[1].metric: there is no metric "queue.mux"; did you mean "queue.max"?"#
            ),
            (
                #""metric": "answeredRatio""#, #""metric": "answerdRatio""#,
                #"assertions[1].metric: there is no metric "answerdRatio"; did you mean "answeredRatio"?"#
            ),
            (#"{ ">=": 0.999 }"#, #"{ ">=": 99.9 }"#, #"assertions[0].is[">="]: expected a rate from 0 to 1, found the number 99.9"#),
            (
                #""role": "gate", "phase": "steady""#, #""role": "gate", "phase": "fault""#,
                #"assertions[0].role: a gate is a metric over a phase with "gate": true; give such a metric and phase, or another role"#
            ),
            (
                "say/circuitBreaker", "say/breaker",
                #"assertions[2].breaker: there is no breaker "say/breaker" in say.json; it has "say/circuitBreaker""#
            ),
            (
                #""state": "open", "within": "2s", "after": "fault""#, #""state": "open", "within": "2s""#,
                #"assertions[2].timeline[0]: "within" has no "after" to count from; add one"#
            ),
            (
                #""within": "5s""#, #""within": "7s""#,
                #"assertions[3].recovers: needs the run to go on until 15s, and it ends at 14s; lengthen the last phase or shorten "within" or "sustained""#
            ),
            (
                #""id": "truth""#, #""id": "story""#,
                #"assertions[4]: "story" stands twice among the assertions; give each a name of its own"#
            ),
        ])
    func errors(text: String, replacement: String, message: String) {
        let document = ScenarioText.replacing([text: replacement])
        let error = #expect(throws: DocumentError.self) { () throws in _ = try ScenarioText.read(document) }
        let lines = error?.diagnostics.map { "\($0.path): \($0.message)" } ?? []
        #expect(lines.contains { $0.hasPrefix(message) }, "\(lines)")
    }

    @Test("All errors of a file are reported in one run, in order of position")
    func allErrors() {
        let document = ScenarioText.replacing([
            #""seed": 7"#: #""seed": -1"#, #""deadline": "1s""#: #""deadline": "0s""#, "noWrongData": "noWrongDate",
        ])
        let error = #expect(throws: DocumentError.self) { () throws in _ = try ScenarioText.read(document) }
        #expect(error?.diagnostics.map(\.path) == ["seed", "load[0].deadline", "assertions[4].invariant"])
        #expect(error?.diagnostics.first?.description.hasPrefix("s.json:2:66: seed: ") == true, "\(error.debugDescription)")
    }

    @Test("The shares of a group sum to at most 1")
    func groupShares() {
        let second = #"""
            { "id": "hangs", "kind": "rpc.hang", "target": { "service": "say" }, "from": "fault", "for": "1s", "group": "g",
              "select": { "per": "attempt", "probability": 0.5 } }
            """#
        let document = ScenarioText.replacing([#""status": "UNAVAILABLE" } }"#: #""status": "UNAVAILABLE" } }, \#(second)"#])
        let error = #expect(throws: DocumentError.self) { () throws in _ = try ScenarioText.read(document) }
        #expect(
            error?.diagnostics.map(\.message)
                == [#"the probabilities of group "g" sum to 1.1; give shares that sum to at most 1"#])
    }

    @Test("A parameter stands for what is set, or for its default; in a request `${i}` stays the number of the call")
    func parameters() throws {
        let text = ScenarioText.replacing([#""probability": 0.6"#: #""probability": "${P:-0.25}""#])
        func probability(_ parameters: [String: String]) throws -> Selection.Share? {
            let scenario = try Scenario.read(file: "s.json", bytes: Array(text.utf8), parameters: parameters) { _ in ScenarioText.outline }
            #expect(scenario.load[0].request.json(index: 13) == #"{"name":"user-3"}"#)
            return scenario.faults[0].kind.selection?.share
        }
        #expect(try probability([:]) == .probability(0.25))
        #expect(try probability(["P": "0.75"]) == .probability(0.75))
    }

    @Test("A parameter that nothing refers to is an error, and one of a policy file is none")
    func unusedParameter() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let policy = #"""
            { "version": 1, "policies": { "say": { "pipeline": [ { "timeout": { "after": "${LIMIT:-1s}" } }, { "circuitBreaker": {} } ],
              "fallback": [ { "lastGood": { "maxAge": "1s" } } ] } }, "routes": { "*": { "policy": "say" } } }
            """#
        try Data(policy.utf8).write(to: folder.appending(path: "say.json"))
        let path = folder.appending(path: "s.json").path
        try Data(ScenarioText.base.utf8).write(to: URL(filePath: path))
        #expect(try Scenario.load(path: path, parameters: ["LIMIT": "2s"]).parameters == ["LIMIT": "2s"])
        let error = #expect(throws: DocumentError.self) { try Scenario.load(path: path, parameters: ["LIMT": "2s"]) }
        #expect(
            error?.diagnostics.map(\.message) == ["nothing refers to ${LIMT}, here or in the policy files; set what stands there"])
    }

    @Test("What is wrong with a policy file is reported once, where it is named")
    func policyFileErrors() {
        let text = ScenarioText.replacing([
            #"{ "name": "full""#: #"{ "name": "other", "policies": "say.json" }, { "name": "full""#
        ])
        let error = #expect(throws: DocumentError.self) { () throws in
            _ = try Scenario.read(file: "s.json", bytes: Array(text.utf8)) { path throws(DocumentError) in
                _ = try DocumentReader.load(path: "/nowhere/\(path)")
                return ScenarioText.outline
            }
        }
        #expect(error?.diagnostics.map(\.message) == ["/nowhere/say.json: cannot open the file: there is no such file"])
    }
}
