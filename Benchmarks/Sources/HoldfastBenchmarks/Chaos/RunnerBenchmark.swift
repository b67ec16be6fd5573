import Foundation

/// What a call costs the runner at 2,000 a second with a real service, and whether it makes its calls in time.
enum RunnerBenchmark {
    private static let rounds = 3
    private static let callsPerSecond = 2_000
    private static let seconds = 14

    static func run(_ options: Options) throws {
        guard options.wants("runner") else { return }
        // The service on another core, so that what is measured on the first is the runner's.
        let place = Tool.find("taskset") == nil || Machine.processors < 2 ? nil : "1"
        let command = try place.map { core in
            let words = ["taskset", "-c", core, try HoldfastCommand.find().path, "serve", "say", "--host", "127.0.0.1", "--port", "{port}"]
            return "\"command\": { \"start\": [\(words.map { "\"\($0)\"" }.joined(separator: ", "))] }"
        }
        let scenario = try HoldfastCommand.scenario(
            "real", callsPerSecond: callsPerSecond, seconds: seconds, service: command ?? HoldfastCommand.modelledSay)
        defer { try? FileManager.default.removeItem(at: scenario.deletingLastPathComponent()) }
        var (cpu, lateness, latency) = (Rounds(), Rounds(), Rounds())
        for _ in 0..<rounds {
            let run = try HoldfastCommand.run(scenario, core: place == nil ? nil : 0)
            cpu.add(run.cpuTime / Double(run.result.calls))
            let metrics = run.result.variants[0].loads[0].phases.last?.metrics ?? [:]
            lateness.add(metrics["load.lateness.p99"] ?? .nan)
            latency.add(metrics["latency.p99"] ?? .nan)
        }
        var table = Table(["at \(callsPerSecond.formatted()) calls a second", "reached"], leftAligned: 1)
        table.add(["processor time of the runner per call, µs", cpu.text(decimals: 1)])
        table.add(["share of the one core that this is", "\((cpu.median * Double(callsPerSecond) / 1e4).text()) %"])
        table.add(["calls begin after their time, p99, ms", lateness.text(decimals: 2)])
        table.add(["latency as the runner measures it, p99, ms", latency.text(decimals: 2)])
        Console.say(
            """

            Chaos, in real time: a runner on one core, Say on another, the policies of say.json. Median (worst-best) of \(rounds) rounds of \
            \(seconds + 1) s

            """)
        Console.say(table.text)
    }
}
