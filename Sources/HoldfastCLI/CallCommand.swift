import ArgumentParser
import Foundation
import Holdfast
import HoldfastAdmin
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho
import SwiftProtobuf

/// `holdfast call`: a client for the demo services.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call a demo service.", subcommands: [Say.self, Echo.self, Hello.self])

    struct Say: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Call SayHi and print the answer.")

        @OptionGroup var server: Server
        @Option(help: "The server's port.") var port = 50051
        @Option(help: "Who says it.") var name = "kitty"
        @Option(help: "What is said.") var msg = "hello world!"

        func run() async throws {
            try await server.withClient(port: port) { client, options in
                try Console.say(try await SayClient(client).sayHi(name: name, msg: msg, options: options))
            }
        }
    }

    struct Echo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send messages to Echo and print what comes back.")

        @OptionGroup var server: Server
        @Option(help: "The server's port.") var port = 8001
        @Argument(help: "The messages.") var messages: [String]

        func run() async throws {
            try await server.withClient(port: port) { client, options in
                try await EchoClient(client).echo(options: options) { writer, responses in
                    for message in messages {
                        try await writer.write(.with { $0.message = message })
                        guard let answer = try await responses.next() else { break }
                        try Console.say(answer.message)
                    }
                    writer.finish()
                }
            }
        }
    }

    struct Hello: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask a gateway for /v1/hello and print the answer.",
            discussion: "Code 0 when it answers, with fallbacks and failed parts too: that is what a health check wants to know.")

        @Option(help: "The gateway's host.") var host = "127.0.0.1"
        @Option(help: "The gateway's port.") var port = 8000
        @Option(help: "Whom it says hello to.") var name = "kitty"

        func run() async throws {
            let address = try AdminAddress.resolve(Endpoint.tcp(host: host, port: port).description, "", allowRemote: true)
            let query = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            do {
                let answer = try await AdminClient(address, of: "the gateway").send(.GET, "/v1/hello?name=\(query)")
                let text = String(decoding: answer.body, as: UTF8.self)
                if answer.status == 200 { return try Console.say(text, terminator: text.hasSuffix("\n") ? "" : "\n") }
                Console.complain("the gateway answered \(answer.status): \(text)")
            } catch let failure as AdminFailure {
                Console.complain("\(failure)")
            }
            throw ExitCode.failure
        }
    }
}

/// Which server a call goes to, and under which policies.
struct Server: ParsableArguments {
    @Option(help: "The server's host.") var host = "127.0.0.1"
    @Option(help: "How long to wait for the answer, in seconds.") var timeout = 5.0
    @Option(help: "A policy file or folder whose policies apply to the call; several are one document, each with --policies before it.")
    var policies: [String] = []
    @OptionGroup(title: "TLS") var encryption: ClientTLS

    func validate() throws {
        guard timeout > 0, timeout < 1e9 else { throw ValidationError("--timeout is above 0 and below 1e9 seconds") }
    }

    func withClient(port: Int, _ body: (RPCClient, CallOptions) async throws -> Void) async throws {
        var configuration = RPCClient.Configuration()
        if !policies.isEmpty {
            try Documents.read { () throws(DocumentError) in
                try configuration.apply(
                    PolicyDocument(paths: policies, methods: SayEchoMethods.all), PolicyOptions(methods: SayEchoMethods.all))
            }
        }
        let client: RPCClient
        do {
            client = try RPCClient(host: host, port: port, security: encryption.security(), configuration: configuration)
        } catch {
            Console.complain("\(error)")
            throw Documents.wrongFile
        }
        do {
            try await body(client, CallOptions(timeout: .seconds(timeout)))
            await client.shutdown()
        } catch let exit as ExitCode {
            await client.shutdown()
            throw exit
        } catch {
            Console.complain("\(error)")
            await client.shutdown()
            throw ExitCode.failure
        }
    }
}
