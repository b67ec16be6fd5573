import Foundation
import Testing

@Suite("The gateway, as it is run", .serialized, .timeLimit(.minutes(5)))
struct GatewayTests {
    /// Say, Echo and the gateway as processes of their own.
    private struct Running {
        let say: HoldfastCommand
        let echo: HoldfastCommand
        let sayPort: String
        let grpcPort: String
        let httpPort: String

        init(_ arguments: String...) async throws {
            say = try HoldfastCommand("serve", "say", "--port", "0")
            sayPort = try await Self.port(say, "say listens on")
            echo = try HoldfastCommand(
                ["serve", "echo", "--port", "0", "--http-port", "0", "--say", "127.0.0.1:\(sayPort)"] + arguments)
            grpcPort = try await Self.port(echo, "echo listens on")
            httpPort = try await Self.port(echo, "gateway listens on")
        }

        static func port(_ command: HoldfastCommand, _ line: String) async throws -> String {
            try #require(await command.line(containing: line)?.split(separator: ":").last.map(String.init))
        }

        func end() async {
            for command in [echo, say] {
                command.send(SIGTERM)
                let outcome = await command.finish()
                #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
            }
        }
    }

    @Test(
        "curl, websockets and grpcio are answered as they expect",
        .enabled(if: HoldfastCommand.python != nil, "set HOLDFAST_PYTHON to a Python with grpcio and websockets"))
    func foreignClients() async throws {
        let running = try await Running("--allow-origin", "https://shop.example")
        let outcome = try await HoldfastCommand(python: "gateway_client.py", running.httpPort, running.grpcPort).finish()
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 0 && lines.count > 20, "\(outcome)")
        for line in lines { #expect(line.hasSuffix(" ok"), "\(line)") }
        await running.end()
    }

    @Test(
        "What no honest client sends is told so, costs little memory, and does not trouble others",
        .enabled(if: HoldfastCommand.python != nil, "set HOLDFAST_PYTHON to a Python"))
    func hostileClients() async throws {
        let running = try await Running("--quiet")
        let outcome = try await HoldfastCommand(python: "gateway_hostile.py", running.httpPort, "\(running.echo.processID)").finish()
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 0 && lines.count > 70, "\(outcome)")
        for line in lines { #expect(line.hasSuffix(": ok"), "\(line)") }
        await running.end()
    }

    @Test("A gateway by itself takes its policies and limits from files, and follows them")
    func standalone() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies").path
        let limits = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: limits) }
        func write(_ permits: Int) throws {
            try """
            {"version":1,"policies":{"p":{"pipeline":[{"rateLimiter":{"fixedWindow":{"permits":\(permits),"per":"1h"},"key":"peer"}}]}},
             "routes":{"holdfast.Gateway/*":"p"}}
            """.write(toFile: limits, atomically: true, encoding: .utf8)
        }
        try write(1)
        let running = try await Running("--quiet")
        let gateway = try HoldfastCommand(
            "serve", "gateway", "--http-port", "0", "--upstream", "127.0.0.1:\(running.grpcPort)", "--say", "127.0.0.1:\(running.sayPort)",
            "--gateway-policies", "\(folder)/gateway.json", "--gateway-limits", limits)
        let port = try await Running.port(gateway, "gateway listens on")
        func ask() async throws -> String {
            let arguments = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "30", "http://127.0.0.1:\(port)/v1/hello"]
            return try await HoldfastCommand(program: "curl", arguments).finish().output
        }
        #expect(try await ask() == "200")
        #expect(try await ask() == "429")
        try write(2)
        #expect(await gateway.errorLine(containing: "version 2 is in force") != nil)
        #expect(try await ask() == "200")
        #expect(await gateway.errorLine(containing: #""route":"Hello","status":429,"code":"RESOURCE_EXHAUSTED""#) != nil)
        gateway.send(SIGTERM)
        #expect(await gateway.finish().status == 0)
        await running.end()
    }

    @Test("A gateway whose services are killed goes on answering as it promises, and is well again when they are")
    func killedServices() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies").path
        let running = try await Running("--quiet")
        let gateway = try HoldfastCommand(
            "serve", "gateway", "--http-port", "0", "--upstream", "127.0.0.1:\(running.grpcPort)", "--say", "127.0.0.1:\(running.sayPort)",
            "--gateway-policies", "\(folder)/gateway.json", "--quiet")
        let port = try await Running.port(gateway, "gateway listens on")
        /// Asks one after the other, each for another name; a line for each, with what matters of its answer.
        func asking(_ count: Int, _ path: String = "/v1/hello?name=[1-COUNT]") throws -> HoldfastCommand {
            let what = "%{http_code} fallback=%header{holdfast-fallback} partial=%header{holdfast-partial} retry=%header{retry-after}\\n"
            let address = "http://127.0.0.1:\(port)" + path.replacingOccurrences(of: "COUNT", with: "\(count)")
            return try HoldfastCommand(program: "curl", ["-sS", "-o", "/dev/null", "-w", what, "--max-time", "60", address])
        }
        func answers(_ asking: HoldfastCommand) async -> [Substring] { await asking.finish().output.split(separator: "\n") }

        let calm = await answers(try asking(20))
        #expect(calm == Array(repeating: "200 fallback= partial= retry=", count: 20))

        let disturbed = try asking(300)
        #expect(await disturbed.line(containing: "200") != nil)
        running.say.send(SIGKILL)
        let during = await answers(disturbed)
        #expect(during.count == 300 && during.allSatisfy { $0.hasPrefix("200 ") && $0.contains(" partial= ") }, "all are whole answers")
        let known = await answers(try asking(5))
        #expect(known.allSatisfy { $0.hasPrefix("200 fallback=lastGood ") }, "\(known)")
        let unknown = await answers(try asking(5, "/v1/hello?name=new[1-COUNT]"))
        #expect(unknown.allSatisfy { $0.hasPrefix("200 fallback=value ") }, "\(unknown)")

        running.echo.send(SIGKILL)
        let halved = await answers(try asking(30))
        #expect(halved.count == 30 && halved.allSatisfy { $0.hasPrefix("200 ") && $0.contains(" partial=echo ") }, "\(halved)")
        let refused = await answers(try asking(1, "/v1/echo"))
        #expect(refused.first?.hasPrefix("503 ") == true && refused.first?.hasSuffix("retry=") == false, "\(refused)")

        let say = try HoldfastCommand("serve", "say", "--port", running.sayPort)
        let echo = try HoldfastCommand("serve", "echo", "--port", running.grpcPort, "--no-http")
        #expect(await say.line(containing: "say listens on") != nil)
        #expect(await echo.line(containing: "echo listens on") != nil)
        // The breakers find out within their open times; the test's own limit ends it if they never do.
        while await answers(try asking(1)).first != "200 fallback= partial= retry=" {}
        for command in [gateway, say, echo] {
            command.send(SIGTERM)
            #expect(await command.finish().status == 0)
        }
    }

    @Test(
        "Whatever is broken behind a gateway, HTTP and WebSocket clients are answered as it promises, and as before when it is mended",
        .enabled(if: HoldfastCommand.python != nil, "set HOLDFAST_PYTHON to a Python with websockets"))
    func brokenServices() async throws {
        let policies = HoldfastCommand.root.appendingPathComponent("Policies").path
        let outcome = try await HoldfastCommand(python: "gateway_chaos.py", HoldfastCommand.executable.path, policies).finish()
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 0 && lines.count == 9, "\(outcome)")
        for line in lines { #expect(line.hasSuffix(": ok"), "\(line)") }
    }

    @Test("A gateway is asked by a command too, which says when it is not there")
    func callHello() async throws {
        let running = try await Running("--quiet")
        let hello = try await HoldfastCommand("call", "hello", "--port", running.httpPort, "--name", "a b").finish()
        #expect(hello.status == 0 && hello.output.contains(#""message":"hello a b!""#), "\(hello)")
        let elsewhere = try await HoldfastCommand("call", "hello", "--port", running.grpcPort).finish()
        #expect(elsewhere.status == 1 && elsewhere.errors.contains("no answer from the gateway"), "\(elsewhere)")
        await running.end()
    }

    @Test(
        "What the gateway is told wrongly is said",
        arguments: [
            (["--upstream", "nowhere"], 64, "--upstream"), (["--http-port", "70000"], 1, "70000 is outside 0...65535"),
            (["--api-keys", "/nowhere"], 64, "cannot be read"), (["--gateway-limits", "/nowhere.json"], 64, "/nowhere.json"),
        ] as [([String], Int32, String)])
    func wrong(arguments: [String], status: Int32, complaint: String) async throws {
        let outcome = try await HoldfastCommand(["serve", "gateway"] + arguments).finish()
        #expect(outcome.status == status && outcome.errors.contains(complaint), "\(outcome)")
    }

    @Test("The shipped policies of the gateway are correct")
    func shippedPolicies() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies").path
        let outcome = try await HoldfastCommand(
            "policy", "check", "--strict", "\(folder)/gateway.json", "\(folder)/gateway-limits.json"
        ).finish()
        #expect(outcome.status == 0, "\(outcome)")
    }
}
