import Foundation
import Holdfast
import HoldfastPolicyFiles
import SayEcho
import Testing

@Suite("PolicyCheck: what is wrong or doubtful, and where")
struct PolicyCheckTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ text: String, _ name: String = "policies.json") throws -> String {
        try text.write(toFile: folder.file(name), atomically: false, encoding: .utf8)
        return folder.file(name)
    }

    private static let doubtful = """
        { "version": 1,
          "policies": {
            "p": { "pipeline": [
              { "timeout": { "name": "total", "after": "1s" } },
              { "retry": { "maxAttempts": 3 } },
              { "timeout": { "name": "attempt", "after": "800ms" } } ] } },
          "routes": { "*": "p" } }
        """

    @Test("Lints stand at their element, with level, rule and explanation")
    func lints() throws {
        let check = PolicyCheck([try write(Self.doubtful)])
        #expect(!check.fails(strict: false) && check.fails(strict: true))
        let findings = check.files[0].findings
        #expect(findings.map(\.rule) == ["retryCannotFit", "notIdempotent"])
        #expect(findings.map { [$0.diagnostic.line, $0.diagnostic.column] } == [[5, 18], [5, 18]])
        #expect(findings.allSatisfy { $0.diagnostic.path == "policies.p.pipeline[1].retry" && $0.explanation != nil })
        let text = check.text
        #expect(text.contains(":5:18: warning: policies.p.pipeline[1].retry: retry needs up to 2.7 s"), "\(text)")
        #expect(text.hasSuffix(": correct, with 2 warnings"))
    }

    @Test("A pipeline that cannot work is a mistake, though it can be read")
    func impossible() throws {
        let check = PolicyCheck([
            try write(documentText(#"{"p":{"pipeline":[{"timeout":{"after":"1s"}},{"circuitBreaker":{"failureRate":0}}]}}"#))
        ])
        #expect(check.files[0].findings.map(\.level) == [.error] && check.fails(strict: false))
        #expect(check.files[0].summary == nil && check.files[0].policies == 1)
    }

    @Test("An element that is off, and one that its routes let act, are not doubted")
    func silent() throws {
        let off = documentText(#"{"p":{"pipeline":[{"timeout":{"after":"1s"}},{"retry":{"enabled":false}}]}}"#)
        let acting = documentText(
            #"{"p":{"pipeline":[{"timeout":{"after":"9s"}},{"retry":{}},{"timeout":{"after":"1s"}}]}}"#,
            routes: #"{"*":"p","a.B/*":{"policy":"p","idempotent":true}}"#)
        for text in [off, acting] { #expect(PolicyCheck([try write(text)]).files[0].findings.isEmpty) }
    }

    @Test("A fallback value that fits no response is told beside all else that is wrong, syntax included, and once")
    func values() throws {
        let say = #""fallback":[{"value":{"bdy":1}}]"#
        let routes = #"{"grpconepb.grpconepb/SayHi":"p","grpconepb.grpconepb/SayBye":{"policy":"q",}}"#
        let text = documentText(
            "{\"p\":{\(say),\"pipeline\":[{\"timeout\":{\"after\":1s}},{\"retry\":{\"maxAttempts\":0}}]}}", routes: routes)
        let findings = PolicyCheck([try write(text)], methods: SayEchoMethods.all).files[0].findings
        #expect(
            findings.map(\.diagnostic.path) == [
                "policies.p.fallback[0].value", "", "policies.p.pipeline[1].retry.maxAttempts",
                "routes[\"grpconepb.grpconepb/SayBye\"].policy", "",
            ], "\(findings.map(\.diagnostic))")
    }

    @Test("Files that are one document are checked as one")
    func together() throws {
        let base = try write(documentText(#"{"base":{"pipeline":[{"timeout":{"after":"1s"}}]}}"#, routes: "{}"), "base.json")
        let own = try write(documentText(#"{"p":{"extends":"base"}}"#), "own.json")
        #expect(PolicyCheck([base, own]).count(.error) == 1)
        let check = PolicyCheck([[base, own]])
        #expect(check.files.map(\.path) == ["\(base), \(own)"] && check.files[0].policies == 2 && check.count(.error) == 0)
    }

    @Test("A shedder whose only signal the program must report is doubted; one with others beside it has a note")
    func reportedSignals() throws {
        func findings(_ signals: String) throws -> [PolicyFinding] {
            let elements = "{\"timeout\":{\"after\":\"1s\"}},{\"shed\":{\"signals\":{\(signals)}}}"
            return PolicyCheck([try write(documentText("{\"p\":{\"pipeline\":[\(elements)]}}"))]).files[0].findings
        }
        let queueTime = #""queueTime":{"enter":"1s","leave":"500ms"}"#
        let only = try findings(queueTime)
        #expect(only.map(\.rule) == ["signalNeedsReports"] && only.map(\.level) == [.warning])
        #expect(only[0].diagnostic.path == "policies.p.pipeline[1].shed" && only[0].diagnostic.message.hasPrefix("shed never fires"))
        let cpu = #""cpu":{"enter":0.9,"leave":0.5}"#
        #expect(try findings("\(queueTime),\(cpu)").map(\.level) == [.note])
        #expect(try findings(cpu).isEmpty)
    }

    @Test("A file with mistakes has them all, and those of its answers")
    func mistakes() throws {
        let wrong = try write(documentText(#"{"p":{"pipeline":[{"timout":{}},{"bulkhead":{"maxConcurrent":0}}]}}"#))
        #expect(PolicyCheck([wrong]).count(.error) == 2)
        let value = try write(
            documentText(#"{"p":{"fallback":[{"value":{"bdy":""}}]}}"#, routes: #"{"grpconepb.grpconepb/SayHi":"p"}"#), "value.json")
        #expect(PolicyCheck([value]).count(.error) == 0 && PolicyCheck([value], methods: SayEchoMethods.all).count(.error) == 1)
    }

    @Test("A folder is one document of its policy files; one without any, and what cannot be opened, are mistakes")
    func folders() throws {
        let empty = PolicyCheck([folder.path])
        #expect(
            empty.files[0].findings.map(\.diagnostic.message) == [
                "there is no file here that ends in .json, .json5 or .jsonc"
            ])
        _ = try write(documentText(#"{"p":{}}"#, routes: "{}"), "a.jsonc")
        _ = try write(documentText("{}", routes: #"{"*":"p"}"#), "b.json")
        for name in ["x.schema.json", "notes.txt", ".hidden.json"] { _ = try write("no JSON", name) }
        let both = PolicyCheck([folder.path])
        #expect(both.files.map(\.path) == [folder.path] && both.files[0].policies == 1 && both.files[0].routes == 1)
        #expect(both.count(.error) == 0)
        _ = try write(documentText(#"{"p":{}}"#, routes: "{}"), "c.json")
        let twice = PolicyCheck([folder.path])
        #expect(twice.count(.error) == 1 && twice.text.contains("c.json"))
        #expect(PolicyCheck(["/nowhere.json"]).text == "/nowhere.json: cannot open the file: there is no such file")
    }

    @Test(
        "S35: answers that may reach others than they were for are noted, and doubted where callers are told apart",
        arguments: [
            (
                "", #"[{"lastGood":{"maxAge":"1s"}}]"#,
                "note: policies.p.fallback[0].lastGood: lastGood answers whoever sends the same request"
            ),
            (
                #"{"rateLimiter":{"fixedWindow":{"permits":1,"per":"1s"},"key":{"metadata":"tenant"}}}"#,
                #"[{"handler":"h"},{"lastGood":{"maxAge":"1s"}}]"#,
                "warning: policies.p.fallback[1].lastGood: lastGood answers whoever sends the same request, but rateLimiter tells callers "
                    + "apart by the metadata \"tenant\""
            ),
            (
                "", #"{"singleFlight":true,"steps":[{"handler":"h"}]}"#,
                "note: policies.p.fallback: singleFlight gives one answer to all who send the same request"
            ),
            ("", #"{"metadata":["authorization"],"steps":[{"lastGood":{"maxAge":"1s"}}]}"#, nil),
            ("", #"{"metadata":[],"singleFlight":true,"steps":[{"lastGood":{"maxAge":"1s"}}]}"#, nil),
            ("", #"{"enabled":false,"steps":[{"lastGood":{"maxAge":"1s"}}]}"#, nil),
            ("", #"{"singleFlight":true,"steps":[{"value":{}}]}"#, nil),
            ("", #"[{"handler":"h"}]"#, nil),
        ] as [(String, String, String?)])
    func answersOfOthers(limiter: String, fallback: String, finding: String?) throws {
        let findings = try document("{\"p\":{\"pipeline\":[\(limiter)],\"fallback\":\(fallback)}}").lint().filter {
            $0.rule == "answersOfOthers"
        }
        #expect(findings.count == (finding == nil ? 0 : 1))
        if let finding { #expect(findings.first?.description.contains(": \(finding) [answersOfOthers]\n") == true, "\(findings)") }
    }

    @Test("Findings of a folder come file by file")
    func orderOfFiles() throws {
        let lines = ["b": "\n\n", "a": "\n\n\n\n", "c": ""]
        for (name, before) in lines {
            let text = "\(before){\"version\":1,\"policies\":{\"\(name)\":{\"fallback\":[{\"lastGood\":{\"maxAge\":\"1s\"}}]}}}"
            _ = try write(text, "\(name).json")
        }
        let findings = PolicyCheck([folder.path]).files[0].findings
        #expect(findings.map { $0.diagnostic.file } == ["a", "b", "c"].map { folder.file("\($0).json") })
    }

    @Test("JSON for programs")
    func json() throws {
        let object = try JSONObject(line: PolicyCheck([try write(Self.doubtful)]).formatted(.json))
        #expect(object.int("errors") == 0 && object.int("warnings") == 2 && object.int("notes") == 0)
        let finding = try #require(object.objects("files").first?.objects("findings").first)
        #expect(finding.string("rule") == "retryCannotFit" && finding.int("line") == 5 && finding.int("column") == 18)
        #expect(finding.string("level") == "warning" && finding.string("path") == "policies.p.pipeline[1].retry")
    }

    @Test("Workflow commands for GitHub: one line each, nothing in them that would end one")
    func github() throws {
        let name = "with, comma: 100%.json"
        let lines = PolicyCheck([try write(Self.doubtful, name)]).formatted(.github).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("::warning file="))
        #expect(
            lines[0].contains("with%2C comma%3A 100%25.json,line=5,col=18,title=retryCannotFit::policies.p.pipeline[1].retry: retry needs"))
        #expect(lines[0].contains("%0AReckoned with"))
        #expect(PolicyCheck([try write(documentText("{}", routes: "{}"))]).formatted(.github).isEmpty)
    }
}
