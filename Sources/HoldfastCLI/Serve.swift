import ArgumentParser
import Dispatch
import Foundation
import HoldfastAdmin
import HoldfastChaos
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho

/// `holdfast serve`: the demo services as real server processes.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a demo service: gRPC over HTTP/2, plaintext unless told otherwise.",
        subcommands: [Say.self, Echo.self, GatewayCommand.self])

    struct Say: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run the Say service (grpconepb.grpconepb).")

        @OptionGroup var address: Address
        @Option(help: "The port; 0 picks a free one and prints it.") var port = 50051
        @OptionGroup(title: "Debug page") var debug: DebugArguments

        func validate() throws {
            guard debug.debugPort != nil || debug.given.isEmpty else {
                throw ValidationError("\(debug.given.joined(separator: ", ")): there is no debug page without --debug-port")
            }
        }

        func run() async throws {
            try await address.serve("say", SayService(), port: port, debug: debug)
        }
    }

    struct Echo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the Echo service (echoserver.EchoService), and the gateway in front of it.")

        @OptionGroup var address: Address
        @Option(help: "The port; 0 picks a free one and prints it.") var port = 8001
        @OptionGroup(title: "Debug page, at port 8002 unless told otherwise") var debug: DebugArguments
        @Flag(help: "No gateway.") var noHTTP = false
        @Flag(
            help: """
                Offer a page at / of the gateway that talks to the service, shows what stands between, and breaks the service and mends \
                it at the press of a button: for whoever can reach the port, so on loopback only.
                """)
        var demo = false
        @OptionGroup(title: "The gateway, at port 8000 unless told otherwise; with --tls-cert there is none") var gateway: GatewayArguments

        func validate() throws {
            guard gateway.httpPort == nil || address.encryption.tlsCert == nil else {
                throw ValidationError(
                    "--http-port with --tls-cert: run the gateway by itself, `holdfast serve gateway --upstream HOST:PORT --tls`")
            }
            if noHTTP, gateway.httpPort != nil { throw ValidationError("give one of --http-port and --no-http") }
            guard !noHTTP && address.encryption.tlsCert == nil || gateway.given.isEmpty else {
                let reason = noHTTP ? "--no-http" : "--tls-cert"
                throw ValidationError("\(gateway.given.joined(separator: ", ")): there is no gateway with \(reason)")
            }
            guard demo else { return }
            guard !noHTTP, address.encryption.tlsCert == nil else {
                throw ValidationError("--demo: the page is the gateway's, and there is none; leave out --no-http and --tls-cert")
            }
            guard (try? TCPAddress(address.host.contains(":") ? "[\(address.host)]:0" : "\(address.host):0"))?.isLoopback == true else {
                throw ValidationError(
                    "--demo with --host \(address.host): others would reach a button that breaks the service; give an address of loopback")
            }
        }

        func run() async throws {
            let hasGateway = !noHTTP && address.encryption.tlsCert == nil
            try await address.serve(
                "echo", EchoService(), port: port, gateway: hasGateway ? gateway : nil, demo: demo ? BackendSwitch() : nil, debug: debug,
                debugPort: 8002)
        }
    }
}

/// Where a service listens, and who controls it.
struct Address: ParsableArguments {
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(
        help: """
            A policy file or folder whose policies stand around the handlers; a change, or SIGHUP, puts it in force anew. Several are one \
            document, each with --policies before it.
            """)
    var policies: [String] = []
    @OptionGroup(title: "TLS") var encryption: ServerTLS
    @Option(help: .hidden) var control: String?

    /// - Parameters:
    ///   - gateway: what is to be offered over HTTP too; nil for nothing.
    ///   - demo: what the gateway's page breaks the service with; nil for no page.
    ///   - debugPort: where the debug page is unless told otherwise; nil for none.
    func serve(
        _ name: String, _ service: any RPCService, port: Int, gateway: GatewayArguments? = nil, demo: BackendSwitch? = nil,
        debug: DebugArguments, debugPort: Int? = nil
    ) async throws {
        let control = try control.map { setup in
            ServiceControl(
                try JSONDecoder().decode(ServiceControl.Setup.self, from: Data(setup.utf8)), methods: ChaosEnvironment.methods)
        }
        var interceptors = control?.interceptors ?? demo?.interceptors ?? []
        var registry: PolicyRegistry?
        if !policies.isEmpty {
            registry = try Documents.read { () throws(DocumentError) in
                try PolicyRegistry(
                    PolicyDocument(paths: policies, methods: SayEchoMethods.all), options: PolicyOptions(methods: SayEchoMethods.all))
            }
        }
        if let registry {
            do {
                interceptors.insert(try await registry.serverInterceptor(), at: 0)
            } catch {
                Console.diagnose(error.rendering)
                throw Documents.wrongFile
            }
        }
        let security: RPCServer.TransportSecurity
        do {
            security = try encryption.security()
        } catch {
            Console.complain("\(error)")
            throw Documents.wrongFile
        }
        let server: RPCServer
        do {
            let reflection = try ReflectionService(fileDescriptorSets: [SayEchoDescriptors.fileDescriptorSet])
            server = try await RPCServer.start(
                host: host, port: port, security: security, services: [service, HealthService(), reflection],
                interceptors: interceptors)
        } catch {
            Console.complain("\(error)")
            throw ExitCode.failure
        }
        if let control {
            // The runner decides when this process ends; a Ctrl-C in its terminal reaches the children too and must not.
            signal(SIGINT, SIG_IGN)
            try await onThread { try control.obeyStandardInput(port: server.port) }
            await server.shutdown(grace: .zero)
        } else {
            let signals = Signals.take([SIGINT, SIGTERM])
            try Console.say("\(name) listens on \(Endpoint.tcp(host: host, port: server.port))")
            let front = try await gateway?.start(
                host: host, echo: ServiceAddress(reaching: host, port: server.port), .plaintext, demo: demo, isOptional: true)
            let page = try await debug.start(
                name, standard: debugPort, showing: (registry.map { [.registry($0)] } ?? []) + (front?.sources ?? []))
            let following = registry.map { registry in Task { await PolicyReports.follow(registry) } }
            for await _ in signals {}
            following?.cancel()
            await page?.close()
            // The gateway first: it drains into the server.
            await front?.shutdown(grace: .seconds(10))
            await server.shutdown(grace: .seconds(10))
        }
    }

    /// Runs what blocks on a thread of its own.
    private func onThread(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}
