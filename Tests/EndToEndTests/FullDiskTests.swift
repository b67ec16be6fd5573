import Foundation
import Testing

@Suite(
    "Output that cannot be written", .timeLimit(.minutes(2)),
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
struct FullDiskTests {
    private static let say = HoldfastCommand.root.appendingPathComponent("Policies/say.json").path

    @Test(
        "A command whose answer is lost says so, and does not end as if all were well",
        arguments: [
            "policy schema", "policy check --format json \"$1\"", "policy explain \"$1\"", "policy diff \"$1\" \"$1\"",
            "policy describe \"$1\"",
        ])
    func answer(command: String) async throws {
        let outcome = try await HoldfastCommand(shell: "exec \"$0\" \(command) >/dev/full", Self.say).finish()
        #expect(outcome.status == 74 && outcome.errors.hasPrefix("holdfast: cannot write to standard output: "), "\(outcome)")
    }

    @Test("Diagnostics that are lost leave the exit code as it is")
    func diagnostics() async throws {
        let outcome = try await HoldfastCommand(shell: "exec \"$0\" policy check /nowhere.json 2>/dev/full").finish()
        #expect(outcome.status == 64, "\(outcome)")
    }

    @Test("A server outlives reports of its reloads that nobody can read")
    func server() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        func write(_ element: String) throws {
            try "{\"version\":1,\"policies\":{\"p\":{\"pipeline\":[\(element)]}},\"routes\":{\"*\":\"p\"}}"
                .write(toFile: file, atomically: true, encoding: .utf8)
        }
        try write(#"{"timeout":{"after":"5s"}}"#)
        let server = try HoldfastCommand(shell: "exec \"$0\" serve say --port 0 --policies \"$1\" 2>/dev/full", file)
        let line = try #require(await server.line(containing: "say listens on 127.0.0.1:"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        try write(#"{"circuitBreaker":{"state":"isolated"}}"#)
        var refused = false
        while !refused {
            let outcome = try await HoldfastCommand("call", "say", "--port", port).finish()
            refused = outcome.errors.contains("isolated")
            try #require(refused || outcome.status == 0, "\(outcome)")
        }
        try write("{")
        server.send(SIGHUP)
        let still = try await HoldfastCommand("call", "say", "--port", port).finish()
        #expect(still.errors.contains("isolated"), "\(still)")
        server.send(SIGTERM)
        #expect(await server.finish().status == 0)
    }
}
