import Foundation
import Testing

@Suite("holdfast chaos proxy and fault", .serialized, .timeLimit(.minutes(3)))
struct ChaosProxyTests {
    private static func listeningPort(_ command: HoldfastCommand) async throws -> String {
        let line = try #require(await command.line(containing: "listens on"))
        return try #require(line.split(separator: ":").last.map(String.init))
    }

    /// The demo service behind a proxy, with the ports of both.
    private static func withProxy(
        _ body: (_ proxy: HoldfastCommand, _ port: String, _ admin: String) async throws -> Void
    ) async throws {
        let service = try HoldfastCommand("serve", "say", "--port", "0")
        let upstream = "127.0.0.1:\(try await listeningPort(service))"
        let proxy = try HoldfastCommand(
            "chaos", "proxy", "--listen", "127.0.0.1:0", "--upstream", upstream, "--admin", "127.0.0.1:0", "--seed", "3")
        let line = try #require(await proxy.line(containing: "proxy listens on"))
        let ports = line.matches(of: /127\.0\.0\.1:(\d+)/).map { String($0.output.1) }
        try #require(ports.count == 3)
        try await body(proxy, ports[0], ports[2])
        proxy.send(SIGTERM)
        let outcome = await proxy.finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
        service.send(SIGTERM)
        _ = await service.finish()
    }

    private static func run(_ arguments: String...) async throws -> HoldfastCommand.Outcome {
        try await HoldfastCommand(arguments).finish()
    }

    @Test("Faults come and go in front of a running service, each hit is printed, and SIGTERM ends the proxy")
    func life() async throws {
        try await Self.withProxy { proxy, port, admin in
            let admin = "127.0.0.1:\(admin)"
            #expect(try await Self.run("call", "say", "--port", port).status == 0)
            let added = try await Self.run("chaos", "fault", "add", "tcp.refuse", "--admin", admin)
            #expect(added.status == 0, "\(added.errors)")
            #expect(added.output.contains(#""id":"tcp-refuse""#))
            #expect(try await Self.run("call", "say", "--port", port, "--timeout", "1").status != 0)
            _ = try #require(await proxy.line(containing: #"{"fault":"tcp-refuse","what":"the listener is closed"}"#))
            let changed = try await Self.run(
                "chaos", "fault", "change", "tcp-refuse", "tcp.slowClose", "--admin", admin, "--with", "delay=1ms")
            #expect(changed.status == 0 && changed.output.contains(#""kind":"tcp.slowClose""#), "\(changed.errors)")
            #expect(try await Self.run("chaos", "fault", "remove", "tcp-refuse", "--admin", admin).status == 0)
            #expect(try await Self.run("call", "say", "--port", port).status == 0)
            let latency = try await Self.run(
                "chaos", "fault", "add", "tcp.latency", "--id", "slow", "--admin", admin, "--with",
                #"delay={"uniform":{"from":"1ms","to":"2ms"}}"#, "--with", "direction=both", "--per", "connection", "--probability", "1")
            #expect(latency.status == 0, "\(latency.errors)")
            #expect(try await Self.run("call", "say", "--port", port).status == 0)
            _ = try #require(await proxy.line(containing: #"{"fault":"slow","connection":3,"direction":"upstream","chunk":1"#))
            let list = try await Self.run("chaos", "fault", "list", "--admin", admin)
            #expect(list.output.contains(#""id":"slow""#) && list.output.contains(#""hits":"#))
            let wrong = try await Self.run("chaos", "fault", "add", "latency", "--admin", admin)
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains(#""latency" is Toxiproxy's name for it; here it is "tcp.latency""#))
            #expect(try await Self.run("chaos", "fault", "reset", "--admin", admin).status == 0)
            #expect(try await Self.run("chaos", "fault", "list", "--admin", admin).output == "{\"faults\":[]}\n")
        }
    }

    @Test("An address that other machines reach is refused, unless it is meant")
    func loopback() async throws {
        for option in ["--listen", "--admin", "--upstream"] {
            var addresses = ["--listen": "127.0.0.1:0", "--upstream": "127.0.0.1:1", "--admin": "127.0.0.1:0"]
            addresses[option] = "0.0.0.0:0"
            let outcome = try await HoldfastCommand(["chaos", "proxy"] + addresses.flatMap { [$0.key, $0.value] }).finish()
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains("\(option) 0.0.0.0:0") && outcome.errors.contains("--allow-remote"), "\(outcome.errors)")
        }
        let outcome = try await Self.run("chaos", "proxy", "--listen", "nonsense", "--upstream", "127.0.0.1:1")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("expected an address and a port"), "\(outcome.errors)")
    }

    @Test(
        "A proxy is not put in front of itself, by whatever name it is called",
        arguments: [
            ("127.0.0.1:17302", "127.0.0.1:17302"), ("127.0.0.1:17302", "localhost:17302"), ("127.0.0.1:17302", "0.0.0.0:17302"),
            ("0.0.0.0:17302", "127.0.0.1:17302"), ("[::]:17302", "127.0.0.2:17302"),
        ])
    func itself(listen: String, upstream: String) async throws {
        let outcome = try await Self.run(
            "chaos", "proxy", "--listen", listen, "--upstream", upstream, "--admin", "127.0.0.1:0", "--allow-remote")
        #expect(outcome.status == 64 && outcome.errors.contains("is where the proxy itself listens"), "\(outcome)")
    }

    @Test("A probability that is none is refused before the proxy is asked", arguments: ["nan", "inf", "1.5", "-0.1"])
    func probability(text: String) async throws {
        // No proxy listens there: to ask it would end with code 1.
        let outcome = try await Self.run(
            "chaos", "fault", "add", "tcp.reset", "--admin", "127.0.0.1:1", "--per", "connection", "--probability=\(text)")
        #expect(outcome.status == 64 && outcome.errors.contains("give a number from 0 to 1"), "\(outcome)")
    }

    @Test("Nobody answers at the admin address: one clear error")
    func nobody() async throws {
        let outcome = try await Self.run("chaos", "fault", "list", "--admin", "127.0.0.1:1")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("no answer from the proxy's admin API at 127.0.0.1:1"))
    }

    @Test("A scenario whose network fails: a proxy stands in, its decisions are in the journal, and a fault without hits fails the run")
    func scenario() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try await Self.run("chaos", "run", HoldfastCommand.file("network.json"), "--output", folder.path)
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        let journal = try String(contentsOf: folder.appendingPathComponent("journal.ndjson"), encoding: .utf8)
        let decisions = journal.split(separator: "\n").filter { $0.contains(#""event":"decision""#) }
        #expect(decisions.contains { $0.contains(#""fault":"refused""#) && $0.contains(#""stream":"#) })
        #expect(decisions.filter { $0.contains(#""fault":"cut""#) }.count == 1)

        let missed = try await Self.run("chaos", "run", HoldfastCommand.file("network.json"), "--set", "NTH=1000")
        #expect(missed.status == 1, "\(missed.output)\n\(missed.errors)")
        // What is not refused is not sent again by itself, so that the invariant has nothing to hold on.
        let dear = try await Self.run("chaos", "run", HoldfastCommand.file("network.json"), "--set", "CODE=INTERNAL_ERROR")
        #expect(dear.status == 1 && dear.output.contains("✗ free: the transport sent nothing again by itself"), "\(dear.output)")
        let virtual = try await Self.run("chaos", "run", HoldfastCommand.file("network.json"), "--virtual")
        #expect(virtual.status == 64)
    }
}
