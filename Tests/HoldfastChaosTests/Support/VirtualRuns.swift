import Foundation
import Holdfast
import HoldfastRPC

@testable import HoldfastChaos

/// Runs of small scenarios in virtual time, with a service that answers with its request.
enum VirtualRuns {
    static let environment = RunEnvironment(
        executable: URL(filePath: "/nowhere"),
        methods: [
            method("grpconepb.grpconepb/SayHi", .single), method("echoserver.EchoService/Echo", .eachAnswered),
            method("echoserver.EchoService/Stream", .untilEnd(messages: 5, every: .seconds(1))),
            method("echoserver.EchoService/Heartbeats", .untilFinished(every: .seconds(1))),
        ],
        policyMethods: [])

    /// A method that answers with its request; a beat, which has none, with an empty object.
    private static func method(_ name: String, _ conversation: DemoMethod.Conversation) -> DemoMethod {
        DemoMethod(
            name: name, conversation: conversation, exampleRequest: "{}", encodeRequest: { Array($0.utf8) },
            answerBelongs: { $0 == $1 || conversation != .single && $1 == Array("{}".utf8) },
            answer: { $0.isEmpty ? Array("{}".utf8) : $0 },
            otherAnswer: { Array(#"{"name":"somebody else","msg":""#.utf8) + $0 },
            checkAnswer: { if $0.first != UInt8(ascii: "{") { throw Malformed() } })
    }

    private struct Malformed: Error {}

    /// A scenario of one service, one load and one policy, all of it in JSON.
    struct Text {
        var kind = "say"
        /// The last part of its name.
        var method = "SayHi"
        var service = #""workers": 16"#
        var load = #""deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "run", "rps": 100 } ] } }"#
        var phases = #"{ "name": "run", "for": "10s" }"#
        var faults = ""
        var assertions = #"{ "id": "ok", "role": "after", "metric": "successRatio", "is": { ">=": 1 } }"#
        var pipeline = ""
        /// Pipelines that take its place.
        var reloads: [(at: String, pipeline: String)] = []
        var variant = ""
        /// The methods that the policy is for.
        var route = "*"
        var isIdempotent = true
        var seed = 1
    }

    /// Runs it and gives the result and the journal.
    static func run(_ text: Text) async throws -> (result: RunResult, journal: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ pipeline: String, to name: String) throws -> String {
            let file = folder.appending(path: name)
            try Data(
                """
                { "version": 1, "policies": { "say": { "pipeline": [ \(pipeline) ] } }, "routes": { "\(text.route)": { "policy": "say", "idempotent": \(text.isIdempotent) } } }
                """.utf8
            ).write(to: file)
            return file.path
        }
        let policies = try write(text.pipeline, to: "policy.json")
        let reloads = try text.reloads.enumerated().map { index, reload in
            #"{ "at": "\#(reload.at)", "policies": "\#(try write(reload.pipeline, to: "policy-\(index).json"))" }"#
        }
        let json = """
            { "version": 1, "name": "small", "seed": \(text.seed), "time": "virtual",
              "services": [ { "name": "say", "kind": "\(text.kind)", \(text.service) } ],
              "variants": [ { "name": "only", "policies": "\(policies)", "reload": [ \(reloads.joined(separator: ", ")) ] \(text.variant) } ],
              "load": [ { "name": "users", "method": "\(ServiceKind(rawValue: text.kind)?.fullName ?? "")/\(text.method)", "request": { "name": "u${i % 7}" }, \(text.load) } ],
              "phases": [ \(text.phases) ], "faults": [ \(text.faults) ], "assertions": [ \(text.assertions) ] }
            """
        let scenario = try Scenario.read(file: "s.json", bytes: Array(json.utf8))
        let run = ScenarioRun(scenario, environment, isVirtual: true, output: folder, replayCommand: "again") { _ in }
        let result = try await run.run()
        return (result, try String(contentsOf: folder.appending(path: "journal.ndjson"), encoding: .utf8))
    }

    /// How the calls of the only load ended, over all seconds.
    static func outcomes(_ result: RunResult) -> [String: Int] {
        result.variants[0].loads[0].seconds.reduce(into: [:]) { sum, second in sum.merge(second.outcomes, uniquingKeysWith: +) }
    }
}
