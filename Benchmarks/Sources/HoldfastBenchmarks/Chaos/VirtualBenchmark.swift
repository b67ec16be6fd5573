import Foundation

/// Calls simulated per second of one core, by the command as users run it: starting it, reading the files and writing the results included.
enum VirtualBenchmark {
    private static let rounds = 5

    static func run(_ options: Options) throws {
        guard options.wants("virtual time") else { return }
        let long = try HoldfastCommand.scenario("virtual", callsPerSecond: 2_000, seconds: 299)
        let short = try HoldfastCommand.scenario("virtual", callsPerSecond: 200, seconds: 69)
        defer { for file in [long, short] { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) } }
        var (rate, processorRate, calls, seconds) = (Rounds(), Rounds(), 0, Rounds())
        for _ in 0..<rounds {
            let run = try HoldfastCommand.run(long, core: 0, ["--virtual"])
            calls = run.result.calls
            rate.add(Double(calls) / run.seconds)
            processorRate.add(Double(calls) / run.cpuTime * 1e6)
            seconds.add(try HoldfastCommand.run(short, core: 0, ["--virtual"]).seconds)
        }
        var table = Table(["virtual time, on one core", "mark", "reached"], leftAligned: 1)
        table.add(["calls a second through the policies of say.json (\(calls.formatted()) calls)", "at least 100,000", rate.text()])
        // On a machine that does other things too, the core is not all its own.
        table.add(["the same per second of processor time", "", processorRate.text()])
        table.add(["seconds for 70 s at 200 calls a second", "well under 1", seconds.text(decimals: 2)])
        Console.say("\nChaos, in virtual time: `holdfast chaos run --virtual` on one core. Median (worst-best) of \(rounds) rounds\n")
        Console.say(table.text)
    }
}
