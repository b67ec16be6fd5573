import ArgumentParser
import Dispatch
import Foundation
import HoldfastAdmin
import HoldfastChaos
import HoldfastGateway
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho
import SwiftProtobuf

extension Serve {
    /// `holdfast serve gateway`: the demo services over HTTP with JSON and over WebSocket.
    struct GatewayCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gateway", abstract: "Run the gateway in front of Say and Echo: HTTP with JSON, and WebSocket.",
            discussion: """
                POST /v1/say, POST and GET /v1/echo, POST /v1/heartbeats, and GET /v1/hello, which asks both. The same paths are WebSockets; \
                ?method=POST opens one that sends.
                """)

        @Option(help: "The address to listen on.") var host = "127.0.0.1"
        @Option(help: "Where the Echo service is, as HOST:PORT.") var upstream = ServiceAddress(host: "127.0.0.1", port: 8001)
        @OptionGroup var gateway: GatewayArguments
        @OptionGroup(title: "Debug page, at port 8002 unless told otherwise") var debug: DebugArguments
        @OptionGroup(title: "TLS to the services") var encryption: ClientTLS

        func run() async throws {
            let security: RPCClient.TransportSecurity
            do {
                security = try encryption.security()
            } catch {
                Console.complain("\(error)")
                throw Documents.wrongFile
            }
            let signals = Signals.take([SIGINT, SIGTERM])
            let running = try await gateway.start(host: host, echo: upstream, security)
            let page = try await debug.start("gateway", standard: 8002, showing: running?.sources ?? [])
            for await _ in signals {}
            await page?.close()
            await running?.shutdown(grace: .seconds(10))
        }
    }
}

/// What a gateway in front of the demo services is told.
struct GatewayArguments: ParsableArguments {
    @Option(help: "The port of the gateway; 0 picks a free one and prints it.") var httpPort: Int?
    @Option(help: "Where the Say service is, as HOST:PORT.") var say = ServiceAddress(host: "127.0.0.1", port: 50051)
    @Option(
        help: """
            A policy file or folder for the gateway's calls to the services; a change, or SIGHUP, puts it in force anew. Several are one \
            document, each with --gateway-policies before it.
            """)
    var gatewayPolicies: [String] = []
    @Option(
        help: """
            A policy file or folder for what clients may ask, by the routes holdfast.Gateway/Say, Echo, Stream, Heartbeats and Hello; as \
            --gateway-policies.
            """)
    var gatewayLimits: [String] = []
    @Option(
        help: "An origin, such as https://shop.example, whose web pages may ask, or * for all; several, each with --allow-origin before it."
    )
    var allowOrigin: [String] = []
    @Option(help: "A file with the keys that clients may show in X-API-Key, one a line: each is a client of its own to the limits.")
    var apiKeys: String?
    @Option(help: "How many connections one address may have; give a proxy in front, which speaks for all clients, 1000.")
    var connectionsPerAddress: Int?
    @Flag(help: "Print no line for each request.") var quiet = false

    /// A gateway that serves, and what it has started.
    struct Running {
        let gateway: Gateway
        let clients: [RPCClient]
        /// What the debug page shows of it.
        let sources: [PolicySource]
        let following: [Task<Void, Never>]
        let log: LineLog

        func shutdown(grace: Duration) async {
            for task in following { task.cancel() }
            await gateway.shutdown(grace: grace)
            for client in clients { await client.shutdown() }
            await log.finish()
        }
    }

    private static let standardPort = 8000

    /// The options that were given, for a command that has no gateway.
    var given: [String] {
        var given: [String] = []
        if httpPort != nil { given.append("--http-port") }
        if !gatewayPolicies.isEmpty { given.append("--gateway-policies") }
        if !gatewayLimits.isEmpty { given.append("--gateway-limits") }
        if !allowOrigin.isEmpty { given.append("--allow-origin") }
        if apiKeys != nil { given.append("--api-keys") }
        if connectionsPerAddress != nil { given.append("--connections-per-address") }
        return given
    }

    func validate() throws {
        for origin in allowOrigin where origin != "*" && !Self.isOrigin(origin) {
            throw ValidationError("--allow-origin \(origin): give one as browsers send it, https://HOST or https://HOST:PORT, or * for all")
        }
    }

    /// Whether a text is an origin as it stands in a browser's header: compared byte by byte, one with a slash at its end fits none.
    private static func isOrigin(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let scheme = url.scheme, let host = url.host, !host.isEmpty else { return false }
        let port = url.port.map { ":\($0)" } ?? ""
        return ["http", "https"].contains(scheme) && text == "\(scheme)://\(host.lowercased())\(port)"
    }

    /// - Parameters:
    ///   - echo: where the Echo service is.
    ///   - demo: what the page breaks the Echo service with; nil for no page.
    ///   - isOptional: whether the server goes without when the standard port is taken, and only says so.
    /// - Returns: nil if it does.
    func start(
        host: String, echo: ServiceAddress, _ security: RPCClient.TransportSecurity, demo: BackendSwitch? = nil, isOptional: Bool = false
    ) async throws -> Running? {
        let policies = try registry(gatewayPolicies, methods: SayEchoMethods.all)
        let limits = try registry(gatewayLimits, methods: [])
        let named = [(policies, "gateway-policies"), (limits, "gateway-limits")].compactMap { registry, name in registry.map { ($0, name) }
        }
        let log = LineLog { line in
            Console.diagnose(line)
            return true
        }
        let isQuiet = quiet
        let configuration = try configuration()
        do {
            let echoClient = try RPCClient(host: echo.host, port: echo.port, security: security)
            let sayClient = try RPCClient(host: say.host, port: say.port, security: security)
            let routes = GatewayRoutes.all(say: sayClient, echo: echoClient)
            let (behind, before) = (SayEchoMethods.all.map(\.path), routes.map(\.policyPath))
            try policies?.state.document.checkRoutes(to: behind, among: behind + before)
            try limits?.state.document.checkRoutes(to: before, among: behind + before)
            for client in [echoClient, sayClient] { await policies?.attach(client) }
            let page = demo.map { EchoDemo(backend: $0, policies: policies, limits: limits) }
            let gateway = try await Gateway.start(
                host: host, port: httpPort ?? Self.standardPort,
                routes: routes + (page?.routes ?? []), limits: limits,
                configuration: configuration,
                onRequest: { if !isQuiet, $0.route != EchoDemo.stateRoute { log.note(Self.line($0)) } })
            let address = "http://\(Endpoint.tcp(host: host, port: gateway.port))"
            try Console.say("gateway listens on \(address)")
            if demo != nil { try Console.say("demo page on \(address)/") }
            let following = named.map { registry, name in Task { await PolicyReports.follow(registry, name) } }
            let sources = named.map { PolicySource.registry($0, name: $1) }
            return Running(gateway: gateway, clients: [echoClient, sayClient], sources: sources, following: following, log: log)
        } catch let exit as ExitCode {
            throw exit
        } catch let error as DocumentError {
            Console.diagnose(error.rendering)
            throw Documents.wrongFile
        } catch let error as ServerStartError where isOptional && httpPort == nil {
            Console.complain("there is no gateway: \(error); give another port with --http-port, or --no-http")
            return nil
        } catch {
            Console.complain("\(error)")
            throw ExitCode.failure
        }
    }

    private func registry(_ paths: [String], methods: [AnyRPCMethod]) throws -> PolicyRegistry? {
        guard !paths.isEmpty else { return nil }
        return try Documents.read { () throws(DocumentError) in
            try PolicyRegistry(PolicyDocument(paths: paths, methods: methods), options: PolicyOptions(methods: methods))
        }
    }

    private func configuration() throws -> Gateway.Configuration {
        var configuration = Gateway.Configuration()
        configuration.origins = allowOrigin.contains("*") ? .all : .these(Set(allowOrigin))
        if let connectionsPerAddress { configuration.maximumConnectionsPerAddress = connectionsPerAddress }
        if let apiKeys {
            guard let text = try? String(contentsOfFile: apiKeys, encoding: .utf8) else {
                Console.complain("--api-keys \(apiKeys): the file cannot be read as text")
                throw Documents.wrongFile
            }
            let keys = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            let shown = Set(keys.filter { !$0.isEmpty && !$0.hasPrefix("#") })
            guard !shown.isEmpty else {
                Console.complain("--api-keys \(apiKeys): there is no key in the file; give one on each line")
                throw Documents.wrongFile
            }
            configuration.apiKeys = shown
        }
        return configuration
    }

    private static func line(_ record: AccessRecord) -> String {
        let time = Date().ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return #"{"time":"\#(time)","# + record.json.dropFirst()
    }
}

/// The demo services as the gateway offers them.
enum GatewayRoutes {
    static func all(say: RPCClient, echo: RPCClient) -> [GatewayRoute] {
        [
            GatewayRoute("Say", .post, "/v1/say", SayEchoMethods.sayHi, say),
            GatewayRoute("Echo", .post, "/v1/echo", SayEchoMethods.echo, echo),
            GatewayRoute("Stream", .get, "/v1/echo", SayEchoMethods.stream, echo),
            GatewayRoute("Heartbeats", .post, "/v1/heartbeats", SayEchoMethods.heartbeats, echo),
            GatewayRoute(
                "Hello", "/v1/hello",
                parts: [
                    GatewayPart("say", SayEchoMethods.sayHi, say) { fields in
                        .with {
                            $0.name = fields["name", default: "kitty"]
                            $0.msg = "hello world!"
                        }
                    },
                    GatewayPart("echo", SayEchoMethods.echo, echo) { fields in
                        .with { $0.message = "hello \(fields["name", default: "kitty"])" }
                    },
                ]),
        ]
    }
}
