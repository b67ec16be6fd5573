import ArgumentParser
import Foundation
import HoldfastAdmin
import HoldfastChaos

extension ChaosCommand {
    /// `holdfast chaos proxy`: a proxy that injects faults, in front of anybody's service.
    struct Proxy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a proxy that injects faults in front of any service that speaks TCP.",
            discussion: """
                Faults are added, changed and removed while it runs, with `holdfast chaos fault` or the admin API (see \
                Examples/fault-proxy.md). Every hit is a line of JSON on standard output. Connections, reads and streams are hit alike in each \
                run with the same seed.

                It ends at SIGINT or SIGTERM: it accepts nobody any more, takes its faults back and waits for its connections, until \
                --grace has passed or a second signal comes.
                """)

        @Option(help: "Where clients connect, as HOST:PORT; port 0 picks a free one and prints it.") var listen: String
        @Option(help: "The service, as HOST:PORT.") var upstream: String
        @Option(help: "Where the admin API is, as HOST:PORT.") var admin = AdminAddress.standard
        @Option(help: "What all draws come from.") var seed: UInt64 = 1
        @Option(help: "How many seconds connections have to end by themselves at the end.") var grace = 10.0
        @Flag(help: "Allow addresses that other machines reach, or that are other machines. The admin API has no password.")
        var allowRemote = false
        @Flag(help: "Do not print hits.") var quiet = false

        func validate() throws {
            guard grace.isFinite, grace >= 0, grace <= 3_600 else { throw ValidationError("--grace \(grace): give 0 to 3600 seconds") }
        }

        func run() async throws {
            signal(SIGPIPE, SIG_IGN)
            let listen = try AdminAddress.resolve(listen, "--listen", allowRemote: allowRemote)
            let upstream = try AdminAddress.resolve(upstream, "--upstream", allowRemote: allowRemote)
            if upstream.isReached(through: listen) {
                throw ValidationError(
                    "--upstream \(upstream.text) is where the proxy itself listens: each connection would make another, and so on; "
                        + "give the address of the service, or another --listen")
            }
            let admin = try AdminAddress.resolve(admin, "--admin", allowRemote: allowRemote)
            let log = quiet ? nil : LineLog { (try? Console.say($0)) != nil }
            let proxy: FaultProxy
            let api: ProxyAdmin
            do {
                proxy = try await FaultProxy.start(listen: listen, upstream: upstream, seed: seed) { log?.note($0.json) }
                api = try await ProxyAdmin.start(proxy, listen: admin)
            } catch {
                Console.complain("\(error)")
                throw ExitCode.failure
            }
            let signals = Signals.take([SIGINT, SIGTERM])
            try Console.say("proxy listens on \(proxy.address.text) for \(upstream.text), admin API on \(api.address.text), seed \(seed)")
            for await _ in signals {}
            await api.close()
            await proxy.shutdown(grace: .seconds(grace))
            await log?.finish()
        }
    }
}
