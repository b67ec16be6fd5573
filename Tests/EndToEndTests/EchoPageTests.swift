import Foundation
import Testing

@Suite("The page of holdfast serve echo --demo", .serialized, .timeLimit(.minutes(5)))
struct EchoPageTests {
    /// A headless browser; nil if none is installed.
    private static let chromium: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let paths = ["chromium", "chromium-browser", "google-chrome"].flatMap { name in folders.map { "\($0)/\(name)" } }
        return paths.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private static func port(_ echo: HoldfastCommand) async throws -> String {
        let line = try #require(await echo.line(containing: "gateway listens on"))
        return try #require(line.split(separator: ":").last.map(String.init))
    }

    private static func end(_ echo: HoldfastCommand) async {
        echo.send(SIGTERM)
        let outcome = await echo.finish()
        #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
    }

    @Test(
        "In a browser: what is typed is echoed, the button opens the breaker, mending closes it, and nobody else gets at the button",
        .enabled(if: HoldfastCommand.python != nil, "set HOLDFAST_PYTHON to a Python"),
        .enabled(if: chromium != nil, "install chromium"))
    func browser() async throws {
        let folder = HoldfastCommand.root.appendingPathComponent("Policies").path
        let echo = try HoldfastCommand(
            "serve", "echo", "--demo", "--port", "0", "--http-port", "0", "--no-debug", "--gateway-policies", "\(folder)/gateway.json",
            "--gateway-limits", "\(folder)/gateway-limits.json")
        let port = try await Self.port(echo)
        let outcome = try await HoldfastCommand(python: "echo_page.py", #require(Self.chromium), port).finish()
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 0 && lines.count == 6, "\(outcome)")
        for line in lines { #expect(line.hasSuffix(": ok"), "\(line)") }
        await Self.end(echo)
    }

    @Test("Nobody gets the page, its state or its button without asking for them", arguments: ["/", "/v1/demo"])
    func absent(path: String) async throws {
        let echo = try HoldfastCommand("serve", "echo", "--port", "0", "--http-port", "0", "--no-debug")
        let address = "http://127.0.0.1:\(try await Self.port(echo))\(path)"
        for change in [[], ["-H", "Content-Type: application/json", "-d", #"{"backend":"broken"}"#]] {
            let arguments = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "30"] + change + [address]
            #expect(try await HoldfastCommand(program: "curl", arguments).finish().output == "404")
        }
        await Self.end(echo)
    }

    @Test(
        "It is for this machine only, and the gateway's",
        arguments: [
            (["--host", "0.0.0.0"], "give an address of loopback"), (["--host", "::"], "give an address of loopback"),
            (["--no-http"], "leave out --no-http"),
        ])
    func refused(arguments: [String], complaint: String) async throws {
        let outcome = try await HoldfastCommand(["serve", "echo", "--demo", "--port", "0"] + arguments).finish()
        #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome)")
    }
}
