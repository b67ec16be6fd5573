import Foundation
import Testing

@Suite("The holdfast command", .serialized, .timeLimit(.minutes(2)))
struct CommandLineTests {
    @Test("serve and call: a real server answers a real client, with and without policies")
    func serveAndCall() async throws {
        let server = try HoldfastCommand("serve", "say", "--port", "0")
        let line = try #require(await server.line(containing: "say listens on 127.0.0.1:"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        let plain = try await HoldfastCommand("call", "say", "--port", port, "--name", "kitty").finish()
        #expect(plain.status == 0 && plain.output == "[{\"kitty\":\"hello world!\"}]\n", "\(plain)")
        let policies = HoldfastCommand.root.appendingPathComponent("Policies/say.json").path
        let guarded = try await HoldfastCommand("call", "say", "--port", port, "--policies", policies).finish()
        #expect(guarded.output == plain.output, "\(guarded)")
        let second = try await HoldfastCommand("serve", "say", "--port", port).finish()
        #expect(second.status == 1)
        #expect(second.errors.contains("port \(port)") && second.errors.contains("already in use"), "\(second.errors)")
        server.send(SIGTERM)
        let ended = await server.finish()
        #expect(ended.status == 0)
    }

    @Test("Echo answers each message with a ! added")
    func echo() async throws {
        let server = try HoldfastCommand("serve", "echo", "--port", "0", "--no-http")
        let line = try #require(await server.line(containing: "echo listens on"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        let outcome = try await HoldfastCommand("call", "echo", "--port", port, "a", "b").finish()
        #expect(outcome.status == 0 && outcome.output == "a!\nb!\n", "\(outcome)")
        server.send(SIGINT)
        let ended = await server.finish()
        #expect(ended.status == 0)
    }

    @Test("A call to nobody says so")
    func nobody() async throws {
        let outcome = try await HoldfastCommand("call", "say", "--port", "1").finish()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("UNAVAILABLE") && outcome.errors.contains("127.0.0.1:1"), "\(outcome.errors)")
    }

    @Test("A port that is none is refused before a call is tried")
    func noPort() async throws {
        let outcome = try await HoldfastCommand("call", "say", "--port", "0").finish()
        #expect(outcome.status == 64 && outcome.errors == "holdfast: port: 0 is outside 1...65535\n", "\(outcome)")
    }

    @Test("The shipped policies are correct")
    func shippedPolicies() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies").path
        let outcome = try await HoldfastCommand("policy", "check", "\(folder)/say.json", "\(folder)/echo.json").finish()
        #expect(outcome.status == 0 && outcome.output.hasPrefix("\(folder)/say.json: correct\n"), "\(outcome)")
    }

    @Test("policy replay prints a line for each step; a trace with a mistake is a wrong file")
    func replay() async throws {
        let outcome = try await HoldfastCommand("policy", "replay", HoldfastCommand.file("trace.json")).finish()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        let lines = outcome.output.split(separator: "\n")
        let states = try lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["state"] as? String
        }
        #expect(states == ["open", "open", "halfOpen", "closed"])
        let wrong = try await HoldfastCommand("policy", "replay", HoldfastCommand.file("policies.json")).finish()
        #expect(wrong.status == 64 && wrong.errors.contains("policies.json:"), "\(wrong)")
    }

    @Test("policy schema prints the schema and the page that lie beside the policies")
    func schema() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies")
        let schema = try await HoldfastCommand("policy", "schema").finish()
        let reference = try await HoldfastCommand("policy", "schema", "--reference").finish()
        for (outcome, file) in [(schema, "policy.schema.json"), (reference, "reference.md")] {
            #expect(try outcome.output == String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8))
        }
    }

    @Test(
        "A wrong file ends with code 64 and says where and what would be right",
        arguments: [
            ("{ \"version\": 1, ", ":1:17: "),
            ("{ \"version\": 1, \"policies\": {}, \"routs\": {} }", ":1:33: "),
            ("{ \"version\": 2, \"policies\": {}, \"routes\": {} }", ":1:14: "),
        ])
    func wrongPolicyFile(text: String, position: String) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        let outcome = try await HoldfastCommand("policy", "check", file.path).finish()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(file.path + position), "\(outcome.errors)")
    }

    @Test(
        "Options of serve that would do nothing are refused",
        arguments: [
            (["say", "--debug-token", "0123456789abcdef0123456789abcdef"], "--debug-token: there is no debug page without --debug-port"),
            (["say", "--no-debug", "--debug-name", "a"], "--debug-name: there is no debug page with --no-debug"),
            (
                ["echo", "--no-http", "--allow-origin", "*", "--api-keys", "a"],
                "--allow-origin, --api-keys: there is no gateway with --no-http"
            ),
            (["gateway", "--allow-origin", "https://shop.example/"], "--allow-origin https://shop.example/: give one as browsers send it"),
            (["gateway", "--gateway-limits", "gateway.json"], "gateway.json:"),
            (["gateway", "--gateway-policies", "gateway-limits.json"], "none of the routes is for what the file was given for"),
        ])
    func idleOptions(arguments: [String], complaint: String) async throws {
        let policies = HoldfastCommand.root.appendingPathComponent("Policies")
        let arguments = arguments.map { $0.hasSuffix(".json") ? policies.appendingPathComponent($0).path : $0 }
        let outcome = try await HoldfastCommand(["serve"] + arguments + (arguments[0] == "gateway" ? ["--http-port", "0"] : [])).finish()
        #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome)")
    }

    @Test("A file of keys without a key lets nobody in by mistake")
    func noKeys() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString).keys")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("# none yet\n".utf8).write(to: file)
        let outcome = try await HoldfastCommand("serve", "gateway", "--http-port", "0", "--api-keys", file.path).finish()
        #expect(outcome.status == 64 && outcome.errors.contains("--api-keys \(file.path): there is no key in the file"), "\(outcome)")
    }

    @Test("A route of the gateway that is misspelled is a mistake with a place, since it would protect nothing")
    func misspelledRoute() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = #"{ "version": 1, "policies": { "p": { "pipeline": [] } }, "routes": { "holdfast.Gateway/Helo": "p" } }"#
        try Data(text.utf8).write(to: file)
        let outcome = try await HoldfastCommand("serve", "gateway", "--http-port", "0", "--gateway-limits", file.path).finish()
        #expect(outcome.status == 64 && outcome.errors.contains("\(file.path):1:"), "\(outcome)")
        #expect(outcome.errors.contains("there is no holdfast.Gateway/Helo here: expected one of holdfast.Gateway/Say, "), "\(outcome)")
    }

    @Test("A missing file, a folder, and a scenario with a mistake are wrong files too")
    func otherWrongFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        for arguments in [["policy", "check", "/nowhere.json"], ["policy", "check", folder.path], ["chaos", "run", "/nowhere.json"]] {
            let outcome = try await HoldfastCommand(arguments[0], arguments[1], arguments[2]).finish()
            #expect(outcome.status == 64, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(arguments[2]), "\(outcome.errors)")
        }
        let policies = HoldfastCommand.file("policies.json")
        let outcome = try await HoldfastCommand("chaos", "run", policies).finish()
        #expect(outcome.status == 64 && outcome.errors.contains("\(policies):"), "\(outcome)")
    }
}
