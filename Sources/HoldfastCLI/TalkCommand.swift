import ArgumentParser
import Holdfast
import HoldfastPolicyFiles
import Talk

extension TalkPattern: ExpressibleByArgument {}

/// `holdfast talk`: every way in which two services talk, under policies.
struct TalkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talk", abstract: "Let two services talk in one of the ways there are, under policies, and lose some of it.",
        discussion: TalkPattern.allCases.map { pattern in
            "\(pattern.rawValue)\(String(repeating: " ", count: 12 - pattern.rawValue.count))\(pattern.summary)"
        }.joined(separator: "\n"))

    @Argument(help: "The way.") var pattern: TalkPattern
    @Option(help: "A policy file or folder for the clients; several are one document, each with --policies before it.")
    var policies = ["Policies/talk.json"]
    @Option(help: "How many messages are sent; a survey is one question.") var times = 5
    @Option(help: "The share of calls that are lost, 0 to 0.9; half of them when all was done already.") var lose = 0.0
    @Option(help: "Which are lost.") var seed: UInt64 = 1

    func validate() throws {
        guard (1...100_000).contains(times) else { throw ValidationError("--times \(times): give 1 to 100000") }
        guard lose >= 0, lose <= 0.9 else { throw ValidationError("--lose \(lose): give 0 to 0.9") }
    }

    func run() async throws {
        let routes = try Documents.read { () throws(DocumentError) in
            try PolicyDocument(paths: policies, methods: TalkMethods.all).makeRouteTable(PolicyOptions(methods: TalkMethods.all))
        }
        let (lines, printed) = AsyncStream<String>.makeStream()
        async let printing: Void = {
            for await line in lines { try Console.say(line) }
        }()
        let failure: (any Error)?
        do {
            try await TalkStage.with(policies: routes, losses: lose, random: RandomSource(seed: seed)) { stage in
                try await pattern.run(on: stage, times: times) { printed.yield($0) }
            }
            failure = nil
        } catch {
            failure = error
        }
        printed.finish()
        try await printing
        if let failure {
            Console.complain("\(failure)")
            throw ExitCode.failure
        }
    }
}
