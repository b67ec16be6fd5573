import Foundation
import Testing

@Suite("holdfast chaos, what a scenario may be", .serialized)
struct ChaosScenarioFileTests {
    @Test(
        "Streams are load as calls are, and break off as the faults say, in either time", .timeLimit(.minutes(3)),
        arguments: [[], ["--virtual"]])
    func streams(flags: [String]) async throws {
        let outcome = try await HoldfastCommand(["chaos", "run", HoldfastCommand.file("streams.json")] + flags).finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
    }

    @Test(
        "Raw bytes are a request as JSON is: what means something is answered, what means nothing is refused", .timeLimit(.minutes(3)),
        arguments: [[], ["--virtual"]])
    func payloads(flags: [String]) async throws {
        let outcome = try await HoldfastCommand(["chaos", "run", HoldfastCommand.file("payloads.json")] + flags).finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
    }

    @Test("A command of one's own is started, awaited, killed, started again and stopped", .timeLimit(.minutes(3)))
    func ownCommand() async throws {
        let outcome = try await HoldfastCommand(
            "chaos", "run", HoldfastCommand.file("own-command.json"), "--set", "HOLDFAST=\(HoldfastCommand.executable.path)"
        ).finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
    }

    @Test(
        "A script that starts others is cut off, stopped, started anew and ended as one; when the runner is killed, too",
        .timeLimit(.minutes(3)), arguments: [false, true])
    func wrappedCommand(isKilled: Bool) async throws {
        let family = Descendants()
        let command = try HoldfastCommand(
            shell: "exec env \"$1\" \"$0\" chaos run \"$2\" --set HOLDFAST=\"$0\"", family.mark,
            HoldfastCommand.file("wrapped-command.json"))
        if isKilled {
            while family.services.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            command.send(SIGKILL)
        }
        let outcome = await command.finish()
        if !isKilled {
            #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
            #expect(!outcome.output.contains("fault cut: 0 hits") && outcome.output.contains("fault anew: 1 hit"), "\(outcome.output)")
        }
        try await family.awaitEnd()
    }

    @Test("The command that replays a run brings the variables with it that policy files took from the environment")
    func variables() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["draws.json", "policies.json"] {
            let text = try String(contentsOfFile: HoldfastCommand.file(name), encoding: .utf8)
            try text.replacing("\"150ms\"", with: "\"${ATTEMPT:-150ms}\"").replacing("\"time\": \"real\"", with: "\"time\": \"virtual\"")
                .write(
                    to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        let file = folder.appending(path: "draws.json").path
        let outcome = try await HoldfastCommand(shell: "ATTEMPT=120ms UNUSED=1 exec \"$0\" chaos run \"$1\" --virtual", file).finish()
        #expect(outcome.output.split(separator: "\n").last?.hasSuffix("--virtual --set 'ATTEMPT=120ms' --seed 7") == true, "\(outcome)")
    }

    @Test("A command that cannot be started, or says why it ended, is one clear error and exit code 4", .timeLimit(.minutes(2)))
    func brokenCommand() async throws {
        for (program, reason) in [("/nowhere/server", "/nowhere/server"), ("false", "it ended before it took connections")] {
            let outcome = try await HoldfastCommand(
                "chaos", "run", HoldfastCommand.file("own-command.json"), "--set", "HOLDFAST=\(program)"
            ).finish()
            #expect(outcome.status == 4 && outcome.errors.contains(reason), "\(outcome.output)\n\(outcome.errors)")
        }
    }

    @Test("A check finds all mistakes in one run, for people, programs and pull requests")
    func check() async throws {
        let bad = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: bad) }
        let text = try String(contentsOfFile: HoldfastCommand.file("draws.json"), encoding: .utf8)
            .replacing("\"policies.json\"", with: "\"\(HoldfastCommand.file("policies.json"))\"")
            .replacing("\"seed\": 7", with: "\"seed\": -7").replacing("rpc.hang", with: "rpc.hnag")
        try text.write(to: bad, atomically: true, encoding: .utf8)
        let people = try await HoldfastCommand("chaos", "check", bad.path).finish()
        #expect(people.status == 64 && people.errors.contains(":5:11: seed: expected a whole number of at least 0"), "\(people.errors)")
        #expect(people.errors.contains("did you mean \"rpc.hang\"?") && people.errors.contains(" | "))
        let programs = try await HoldfastCommand("chaos", "check", bad.path, "--format", "json").finish()
        let json = try #require(JSONSerialization.jsonObject(with: Data(programs.output.utf8)) as? [String: Any])
        #expect(programs.status == 64 && json["errors"] as? Int == 2)
        let github = try await HoldfastCommand("chaos", "check", bad.path, "--format", "github").finish()
        let lines = github.output.split(separator: "\n")
        #expect(github.status == 64 && lines.count == 2, "\(github.output)")
        #expect(lines.allSatisfy { $0.hasPrefix("::error file=") && $0.contains(",title=scenario::") }, "\(github.output)")
        let good = try await HoldfastCommand("chaos", "check", HoldfastCommand.file("draws.json")).finish()
        #expect(good.status == 0 && good.output.contains("2 faults"))
    }

    @Test("A request that the method does not have is a mistake in the file, found before anything runs", arguments: ["check", "run"])
    func wrongRequest(command: String) async throws {
        let bad = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: bad) }
        try String(contentsOfFile: HoldfastCommand.file("draws.json"), encoding: .utf8)
            .replacing("\"policies.json\"", with: "\"\(HoldfastCommand.file("policies.json"))\"")
            .replacing("\"request\": { \"name\"", with: "\"request\": { \"nme\"")
            .write(to: bad, atomically: true, encoding: .utf8)
        let outcome = try await HoldfastCommand("chaos", command, bad.path).finish()
        let complaint = #"load[0].request.nme: fits no request of grpconepb.grpconepb/SayHi: unknown field "nme"; write a request such as"#
        #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome)")
    }

    @Test("The schema is printed as it stands in Examples/")
    func schema() async throws {
        let printed = try await HoldfastCommand("chaos", "schema").finish()
        let file = try String(contentsOf: HoldfastCommand.root.appending(path: "Examples/scenario.schema.json"), encoding: .utf8)
        #expect(printed.status == 0 && printed.output == file)
    }
}
