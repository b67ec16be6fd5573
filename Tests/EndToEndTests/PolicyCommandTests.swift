import Foundation
import Testing

@Suite("holdfast policy: check, explain and diff; serve --policies", .serialized, .timeLimit(.minutes(2)))
struct PolicyCommandTests {
    private static let say = HoldfastCommand.root.appendingPathComponent("Policies/say.json").path
    private static let doubtful = HoldfastCommand.file("doubtful.json")

    @Test("check: warnings alone are no mistake, unless it is strict")
    func strictness() async throws {
        let outcome = try await HoldfastCommand("policy", "check", Self.doubtful).finish()
        #expect(outcome.status == 0 && outcome.output == "\(Self.doubtful): correct, with 2 warnings\n", "\(outcome)")
        #expect(
            outcome.errors.contains("\(Self.doubtful):6:18: warning: policies.p.pipeline[1].retry: retry needs up to 2.7 s"), "\(outcome)")
        let strict = try await HoldfastCommand("policy", "check", "--strict", Self.doubtful).finish()
        #expect(strict.status == 64)
    }

    @Test("check: JSON and GitHub's commands go to standard output, with the same exit codes")
    func formats() async throws {
        let json = try await HoldfastCommand("policy", "check", "--format", "json", Self.doubtful).finish()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(json.status == 0 && json.errors.isEmpty && object["warnings"] as? Int == 2)
        let github = try await HoldfastCommand("policy", "check", "--format", "github", Self.doubtful, "/nowhere.json").finish()
        #expect(github.status == 64)
        #expect(github.output.contains("::warning file=\(Self.doubtful),line=6,col=18,title=retryCannotFit::"), "\(github)")
        #expect(github.output.contains("::error file=/nowhere.json,title=policy::cannot open the file: there is no such file"), "\(github)")
    }

    @Test("explain: by policy and by route, sharpened by rates; in lines of text only")
    func explain() async throws {
        let outcome = try await HoldfastCommand(
            "policy", "explain", Self.say, "--route", "grpconepb.grpconepb/SayHi", "--rps", "200", "--latency", "20ms,180ms"
        ).finish()
        #expect(outcome.status == 0)
        #expect(
            outcome.output.contains("at 200 calls a second: cold after 20 calls, 100 ms; after 4 s of health, 400 calls, 2 s"), "\(outcome)"
        )
        #expect(!outcome.output.contains("\u{1B}"))
        let wrong = try await HoldfastCommand("policy", "explain", Self.say, "--policy", "sya").finish()
        #expect(wrong.status == 64 && wrong.errors.contains("there is no policy \"sya\"; it has say"), "\(wrong)")
        let misused = try await HoldfastCommand("policy", "explain", Self.say, "--rps", "-1").finish()
        #expect(misused.status == 64 && misused.errors.contains("--rps"), "\(misused)")
    }

    @Test("Several files are one document where that is asked for, and describe prints it with all that it takes over")
    func severalFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (base, own, new) = ("\(folder)/base.json", "\(folder)/own.json", "\(folder)/new.json")
        try #"{ "version": 1, "policies": { "base": { "pipeline": [{ "timeout": { "after": "5s" } }] } } }"#
            .write(toFile: base, atomically: true, encoding: .utf8)
        for (file, after) in [(own, "2s"), (new, "3s")] {
            let bulkhead = #"{ "bulkhead": { "maxConcurrent": "${ROOM:-7}", "maxWait": "\#(after)", "maxQueued": 1 } }"#
            try """
            { "version": 1, "policies": { "p": { "extends": "base", "pipeline": [\(bulkhead)] } }, "routes": { "*": "p" } }
            """.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let alone = try await HoldfastCommand("policy", "check", base, own).finish()
        #expect(alone.status == 64 && alone.errors.contains("there is no policy \"base\""), "\(alone)")
        let together = try await HoldfastCommand("policy", "check", "--together", base, own).finish()
        #expect(together.status == 0 && together.output.hasPrefix("\(base), \(own): correct"), "\(together)")
        let explained = try await HoldfastCommand("policy", "explain", base, own, "--policy", "p").finish()
        #expect(explained.status == 0 && explained.output.contains("Worst case"), "\(explained)")
        let diff = try await HoldfastCommand("policy", "diff", own, new, "--with", base).finish()
        #expect(diff.status == 0 && diff.output.hasPrefix("~ p/bulkhead.maxWait: 2s -> 3s\n"), "\(diff)")
        let described = try await HoldfastCommand("policy", "describe", base, own).finish()
        #expect(described.status == 0 && !described.output.contains("extends") && !described.output.contains("${"), "\(described)")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(described.output.utf8)) as? [String: Any])
        let policies = try #require(object["policies"] as? [String: [String: Any]])
        let kinds = (policies["p"]?["pipeline"] as? [[String: Any]])?.flatMap(\.keys)
        #expect(kinds == ["bulkhead", "timeout"], "\(described)")

        let server = try HoldfastCommand("serve", "say", "--port", "0", "--policies", base, "--policies", own)
        let line = try #require(await server.line(containing: "say listens on 127.0.0.1:"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        let call = try await HoldfastCommand("call", "say", "--port", port, "--policies", base, "--policies", own).finish()
        #expect(call.status == 0, "\(call)")
        server.send(SIGTERM)
        #expect(await server.finish().status == 0)
    }

    @Test("diff: what changes, in words and as JSON; a file with a mistake is a wrong file")
    func diff() async throws {
        let same = try await HoldfastCommand("policy", "diff", Self.say, Self.say).finish()
        #expect(same.status == 0 && same.output == "no change in behavior\n", "\(same)")
        let other = try await HoldfastCommand("policy", "diff", Self.say, Self.doubtful, "--format", "json").finish()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(other.output.utf8)) as? [String: Any])
        #expect(other.status == 0 && (object["changes"] as? [Any])?.isEmpty == false)
        let wrong = try await HoldfastCommand("policy", "diff", Self.say, "/nowhere.json").finish()
        #expect(wrong.status == 64)
    }

    @Test("serve --policies: a new file is in force without a restart, a bad one is reported and changes nothing")
    func reload() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        func write(_ policies: String) throws {
            try "{\"version\":1,\"policies\":{\"p\":{\"pipeline\":[\(policies)]}},\"routes\":{\"grpconepb.grpconepb/*\":\"p\"}}"
                .write(toFile: file, atomically: true, encoding: .utf8)
        }
        try write(#"{"timeout":{"after":"5s"}}"#)
        let server = try HoldfastCommand("serve", "say", "--port", "0", "--policies", file)
        let line = try #require(await server.line(containing: "say listens on 127.0.0.1:"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        #expect(try await HoldfastCommand("call", "say", "--port", port).finish().status == 0)

        try write(#"{"rateLimiter":{"slidingWindow":{"permits":1,"per":"8760h"}}}"#)
        #expect(await server.errorLine(containing: "version 2 is in force") != nil)
        #expect(try await HoldfastCommand("call", "say", "--port", port).finish().status == 0)
        let refused = try await HoldfastCommand("call", "say", "--port", port).finish()
        #expect(refused.status == 1 && refused.errors.contains("RESOURCE_EXHAUSTED"), "\(refused)")

        // A handler runs once: what is right for a client is wrong here.
        try write(#"{"retry":{}}"#)
        #expect(await server.errorLine(containing: "cannot stand around a handler") != nil)
        #expect(await server.errorLine(containing: "version 2 stays in force") != nil)
        // It would end a process that does not listen to it.
        server.send(SIGHUP)
        let still = try await HoldfastCommand("call", "say", "--port", port).finish()
        #expect(still.errors.contains("RESOURCE_EXHAUSTED"), "\(still)")
        server.send(SIGTERM)
        #expect(await server.finish().status == 0)
    }

    @Test("call and serve --policies: a folder is one document, followed as a whole")
    func folder() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ text: String, to name: String) throws {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        try write(#"{ "version": 1, "policies": {}, "routes": { "*": "p" } }"#, to: "routes.json")
        try write(#"{ version: 1, policies: { p: { pipeline: [{ timeout: { after: "5s" } }] } } }"#, to: "p.json5")
        let server = try HoldfastCommand("serve", "say", "--port", "0", "--policies", folder)
        let line = try #require(await server.line(containing: "say listens on 127.0.0.1:"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        #expect(try await HoldfastCommand("call", "say", "--port", port, "--policies", folder).finish().status == 0)

        let second = #"{ "version": 1, "policies": { "p": { "pipeline": [{ "timeout": { "after": "1s" } }] } } }"#
        try write(second, to: "q.json")
        #expect(await server.errorLine(containing: "the policy \"p\" is also policies.p in \(folder)/p.json5:1:27") != nil)
        #expect(await server.errorLine(containing: "version 1 stays in force") != nil)
        let wrong = try await HoldfastCommand("call", "say", "--port", port, "--policies", folder).finish()
        #expect(wrong.status == 64 && wrong.errors.hasPrefix("\(folder)/q.json:1:31: "), "\(wrong)")
        try FileManager.default.removeItem(atPath: "\(folder)/p.json5")
        #expect(await server.errorLine(containing: "~ p/timeout.after: 5s -> 1s") != nil)
        server.send(SIGTERM)
        #expect(await server.finish().status == 0)
    }

    @Test("serve --policies: a file that is wrong from the beginning is a wrong file")
    func wrongFromTheBeginning() async throws {
        for file in ["/nowhere.json", Self.doubtful] {
            let outcome = try await HoldfastCommand("serve", "say", "--port", "0", "--policies", file).finish()
            #expect(outcome.status == 64 && outcome.errors.hasPrefix("\(file):"), "\(outcome)")
        }
        let placed = try await HoldfastCommand("serve", "say", "--port", "0", "--policies", Self.doubtful).finish()
        #expect(placed.errors.hasPrefix("\(Self.doubtful):6:18: policies.p.pipeline[1].retry: a retry cannot stand"), "\(placed)")
        #expect(placed.errors.contains("\n 6 | "), "\(placed)")
    }
}
