import Foundation
import Testing

@Suite("holdfast control", .serialized, .timeLimit(.minutes(2)))
struct ControlCommandTests {
    /// A Say server under policies, with its port and that of its debug page.
    private static func withServer(
        _ arguments: [String] = [], home: String, _ body: (_ server: HoldfastCommand, _ port: String, _ debug: String) async throws -> Void
    ) async throws {
        let policies = HoldfastCommand.file("handlers.json")
        let server = try HoldfastCommand(
            ["serve", "say", "--port", "0", "--debug-port", "0", "--policies", policies] + arguments, environment: "XDG_RUNTIME_DIR=\(home)"
        )
        let start = try #require(await server.line(containing: "say listens on"))
        let port = try #require(start.split(separator: ":").last.map(String.init))
        let line = try #require(await server.line(containing: "debug page on"))
        let debug = try #require(line.firstMatch(of: /http:\/\/(127\.0\.0\.1:\d+)\//).map { String($0.output.1) })
        try await body(server, port, debug)
        server.send(SIGTERM)
        let ended = await server.finish()
        #expect(ended.status == 0, "\(ended)")
    }

    private static func withHome(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }

    private static func control(_ home: String, _ arguments: String...) async throws -> HoldfastCommand.Outcome {
        try await HoldfastCommand(["control"] + arguments, environment: "XDG_RUNTIME_DIR=\(home)").finish()
    }

    @Test("A breaker is isolated and given back from a terminal, and calls feel it")
    func breaker() async throws {
        try await Self.withHome { home in
            try await Self.withServer(home: home) { _, port, debug in
                let list = try await Self.control(home, debug)
                #expect(list.status == 0 && list.output.contains("handlers.json: version 1 ("), "\(list)")
                #expect(list.output.contains("say/circuitBreaker: closed"), "\(list.output)")
                let isolated = try await Self.control(home, debug, "breaker", "say", "isolate")
                #expect(isolated.status == 0 && isolated.output.hasPrefix("say/circuitBreaker: isolated"), "\(isolated)")
                let refused = try await HoldfastCommand("call", "say", "--port", port).finish()
                #expect(refused.status == 1 && refused.errors.contains("isolated"), "\(refused.errors)")
                #expect(try await Self.control(home, debug, "breaker", "say", "release").status == 0)
                #expect(try await HoldfastCommand("call", "say", "--port", port).finish().status == 0)
                let json = try await Self.control(home, debug, "--json")
                #expect(json.output.hasPrefix("{\"service\":\"say\""))
                let wrong = try await Self.control(home, debug, "breaker", "sya", "isolate")
                #expect(wrong.status == 1 && wrong.errors.contains(#"did you mean "say"?"#), "\(wrong.errors)")
            }
        }
    }

    @Test("A gateway's debug port shows what stands in front of its routes and around its calls, and clients feel what is done there")
    func gateway() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies").path
        let echo = try HoldfastCommand("serve", "echo", "--port", "0", "--no-http", "--no-debug")
        let upstream = try #require(await echo.line(containing: "echo listens on")?.split(separator: " ").last.map(String.init))
        try await Self.withHome { home in
            let gateway = try HoldfastCommand(
                [
                    "serve", "gateway", "--http-port", "0", "--upstream", upstream, "--debug-port", "0", "--quiet",
                    "--gateway-policies", "\(folder)/gateway.json", "--gateway-limits", "\(folder)/gateway-limits.json",
                ], environment: "XDG_RUNTIME_DIR=\(home)")
            let address = try #require(await gateway.line(containing: "gateway listens on")?.split(separator: " ").last.map(String.init))
            let debug = try #require(
                await gateway.line(containing: "gateway debug page on")?.firstMatch(of: /http:\/\/(127\.0\.0\.1:\d+)\//)
                    .map { String($0.output.1) })
            func ask() async throws -> String {
                let arguments = [
                    "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "30", "-H", "Content-Type: application/json", "-d", "{}",
                    "\(address)/v1/echo",
                ]
                return try await HoldfastCommand(program: "curl", arguments).finish().output
            }
            let list = try await Self.control(home, debug).output
            for shown in ["gateway.json: version 1 (", "gateway-limits.json: version 1 (", "echo/circuitBreaker: closed", "each"] {
                #expect(list.contains(shown), "\(list)")
            }
            #expect(try await ask() == "200")
            #expect(try await Self.control(home, debug, "breaker", "echo", "isolate").status == 0)
            #expect(try await ask() == "503")
            #expect(try await Self.control(home, debug, "breaker", "echo", "release").status == 0)
            #expect(try await ask() == "200")
            gateway.send(SIGTERM)
            #expect(await gateway.finish().status == 0)
        }
        echo.send(SIGTERM)
        #expect(await echo.finish().status == 0)
    }

    @Test("Changes need the token: it lies in a file of the user's alone as long as the server runs")
    func token() async throws {
        try await Self.withHome { home in
            var file = ""
            try await Self.withServer(home: home) { _, _, debug in
                let port = try #require(debug.split(separator: ":").last)
                file = "\(home)/holdfast/debug-\(port).token"
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                // Somebody else, who has no such file.
                let other = try await Self.control("\(home)/other", debug, "breaker", "say", "isolate")
                #expect(other.status == 1 && other.errors.contains("changes need a token"), "\(other.errors)")
                let wrong = try await Self.control(home, debug, "breaker", "say", "isolate", "--token", "0123456789abcdef")
                #expect(wrong.status == 1 && wrong.errors.contains("that is not the token"), "\(wrong.errors)")
                #expect(try await Self.control("\(home)/other", debug).output.contains("say/circuitBreaker: closed"))
            }
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test("A token of the user's own is taken, and lies nowhere; one that is short is refused")
    func ownToken() async throws {
        try await Self.withHome { home in
            try await Self.withServer(["--debug-token", "sixteen-letters-or-more"], home: home) { _, _, debug in
                #expect(!FileManager.default.fileExists(atPath: "\(home)/holdfast"))
                let done = try await Self.control(home, debug, "breaker", "say", "trip", "--token", "sixteen-letters-or-more")
                #expect(done.status == 0 && done.output.contains("open"), "\(done)")
            }
        }
        let short = try await HoldfastCommand("serve", "say", "--port", "0", "--debug-port", "0", "--debug-token", "short").finish()
        #expect(short.status != 0 && short.errors.contains("16 to 256"), "\(short.errors)")
    }

    @Test("A debug port that was asked for and is taken ends the server with a word; the one that nobody asked for is done without")
    func taken() async throws {
        try await Self.withHome { home in
            try await Self.withServer(home: home) { _, _, debug in
                let port = try #require(debug.split(separator: ":").last.map(String.init))
                let second = try await HoldfastCommand("serve", "say", "--port", "0", "--debug-port", port).finish()
                #expect(second.status == 1 && second.errors.contains("port \(port) on 127.0.0.1 is already in use"), "\(second)")
            }
        }
        let nobody = try await HoldfastCommand("control", "127.0.0.1:1").finish()
        #expect(nobody.status == 1 && nobody.errors.contains("no answer from the debug port at 127.0.0.1:1"), "\(nobody.errors)")
        let unclear = try await HoldfastCommand("control", "127.0.0.1:1", "breaker").finish()
        #expect(unclear.status == 64 && unclear.errors.contains("breaker say isolate"), "\(unclear.errors)")
    }
}
