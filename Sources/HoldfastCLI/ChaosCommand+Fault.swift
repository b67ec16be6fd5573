import ArgumentParser
import Foundation
import HoldfastAdmin
import HoldfastChaos

extension ChaosCommand {
    /// `holdfast chaos fault`: what a running proxy injects.
    struct Fault: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add, change, list and remove the faults of a running proxy.",
            subcommands: [Add.self, Change.self, List.self, Remove.self, Reset.self, Connections.self])
    }
}

/// Where the proxy is.
struct AdminOption: ParsableArguments {
    @Option(help: "Where the proxy's admin API is, as HOST:PORT.") var admin = AdminAddress.standard

    /// Sends a request and prints what comes back; a refusal ends the command with code 1.
    func send(_ method: AdminClient.Method, _ path: String, _ body: String = "") async throws {
        let address = try AdminAddress.resolve(admin, "--admin", allowRemote: true)
        let answer: AdminClient.Answer
        do {
            answer = try await AdminClient(address, of: "the proxy's admin API").send(method, path, Array(body.utf8))
        } catch {
            Console.complain("\(error)")
            throw ExitCode.failure
        }
        guard (200..<300).contains(answer.status) else {
            let message = try? JSONDecoder().decode([String: String].self, from: Data(answer.body))["error"]
            Console.complain(message ?? "the proxy answered \(answer.status)")
            throw ExitCode.failure
        }
        if !answer.body.isEmpty { try Console.say(String(decoding: answer.body, as: UTF8.self), terminator: "") }
    }
}

/// What a fault is set to, on the command line.
struct FaultArguments: ParsableArguments {
    @Argument(help: "The kind, such as tcp.latency or h2.goaway.") var kind: String
    @Option(
        name: .customLong("with"),
        help: "What it is set to, as KEY=VALUE: delay=100ms, 'delay={\"uniform\":{\"from\":\"1ms\",\"to\":\"9ms\"}}'.")
    var settings: [FaultSetting] = []
    @Option(help: "What is selected: connection, chunk or stream. All are hit unless something is selected.") var per: String?
    @Option(help: "Each with this probability, 0 to 1.") var probability: Double?
    @Option(help: "The one that comes nth, from 1.") var nth: Int?
    @Option(help: "Each one whose number is a multiple.") var every: Int?
    @Option(help: "The first so many.") var first: Int?
    @Option(help: "Faults of one group share one draw.") var group: String?
    @Option(help: "How it grows and fades, as JSON: '{\"over\":\"magnitude\",\"sine\":{\"period\":\"60s\"}}'.") var shape: String?

    func validate() throws {
        let shares = [
            ("--probability", probability != nil), ("--nth", nth != nil), ("--every", every != nil), ("--first", first != nil),
        ]
        let given = shares.filter(\.1).map(\.0)
        guard given.count <= 1 else { throw ValidationError("give only one of \(given.joined(separator: " and "))") }
        if let probability, !(0...1).contains(probability) {
            throw ValidationError("--probability \(probability): give a number from 0 to 1")
        }
        guard (per == nil) == given.isEmpty else {
            throw ValidationError("--per goes with one of --probability, --nth, --every and --first; give both or neither")
        }
    }

    /// The fault as the API takes it.
    func json(id: String) throws -> String {
        var fault: [String: Any] = ["id": id, "kind": kind]
        if !settings.isEmpty {
            fault["with"] = Dictionary(settings.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        }
        if let group { fault["group"] = group }
        if let shape {
            guard let value = try? JSONSerialization.jsonObject(with: Data(shape.utf8)) else {
                throw ValidationError("--shape is no JSON; write an object such as {\"over\":\"magnitude\",\"sine\":{\"period\":\"60s\"}}")
            }
            fault["shape"] = value
        }
        if let per {
            var select: [String: Any] = ["per": per]
            if let probability { select["probability"] = probability }
            if let nth { select["nth"] = nth }
            if let every { select["every"] = every }
            if let first { select["first"] = first }
            fault["select"] = select
        }
        let data = try JSONSerialization.data(withJSONObject: fault, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }
}

/// `KEY=VALUE`; a value that is JSON stands for what it says, any other for itself.
struct FaultSetting: ExpressibleByArgument {
    let key: String
    private let text: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        key = String(argument[..<equals])
        text = String(argument[argument.index(after: equals)...])
    }

    var value: Any {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) ?? text
    }
}

extension ChaosCommand.Fault {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put one more fault into force.")

        @OptionGroup var fault: FaultArguments
        @Option(help: "The fault's name; its kind with - for . unless told otherwise.") var id: String?
        @OptionGroup var proxy: AdminOption

        func run() async throws {
            let id = id ?? fault.kind.replacingOccurrences(of: ".", with: "-")
            try await proxy.send(.POST, "/faults", try fault.json(id: id))
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put a fault into force in place of the one with that id.")

        @Argument(help: "The fault's id.") var id: String
        @OptionGroup var fault: FaultArguments
        @OptionGroup var proxy: AdminOption

        func run() async throws {
            try await proxy.send(.PUT, "/faults/\(try FaultID.checked(id))", try fault.json(id: id))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the faults in force, with their hits.")

        @OptionGroup var proxy: AdminOption

        func run() async throws { try await proxy.send(.GET, "/faults") }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take faults back.")

        @Argument(help: "The ids of the faults.") var ids: [String]
        @OptionGroup var proxy: AdminOption

        func run() async throws {
            for id in ids { try await proxy.send(.DELETE, "/faults/\(try FaultID.checked(id))") }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take all faults back and forget all hits.")

        @OptionGroup var proxy: AdminOption

        func run() async throws { try await proxy.send(.POST, "/reset") }
    }

    struct Connections: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the open connections.")

        @OptionGroup var proxy: AdminOption

        func run() async throws { try await proxy.send(.GET, "/connections") }
    }
}

/// A fault's name where it becomes a part of an address.
private enum FaultID {
    static func checked(_ id: String) throws -> String {
        guard !id.isEmpty, id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }) else {
            throw ValidationError("\"\(id)\" is not the id of a fault; use letters, digits, - and _")
        }
        return id
    }
}
