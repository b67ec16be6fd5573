import Foundation
import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("A sweep over seeds that is stopped")
struct SeedSweepTests {
    @Test("Its time is that of all seeds together, and what was judged by then is told")
    func limit() async throws {
        // No time at all has always passed, whatever the machine does besides.
        let limits = SafetyLimits(time: .zero)
        let sweep = SeedSweep(try Examples.scenario("hedging"), VirtualRuns.environment, seeds: 1...100_000, limits: limits)
        let result = try await sweep.run()
        let judged = result.seeds.count
        #expect(judged < 100_000 && result.exitCode == 3)
        let reason = try #require(result.abortReason)
        #expect(reason == "it took longer than 0s; raise --max-time, after \(judged) of 100000 seeds")
        #expect(SweepLines.lines(result, style: .plain).contains("ABORTED: \(reason)"))
        #expect(try SweepPage(result) { "again --seed \($0)" }.html().contains("<p>Stopped before its end: \(reason).</p>"))
    }

    @Test("An interruption does not lose what was found")
    func interrupted() async throws {
        let sweep = SeedSweep(try Examples.scenario("hedging"), VirtualRuns.environment, seeds: 1...100_000)
        let task = Task { try await sweep.run() }
        task.cancel()
        let result = try await task.value
        #expect(result.abortReason == "it was interrupted, after \(result.seeds.count) of 100000 seeds" && result.exitCode == 3)
    }

    @Test("What was judged before the end stands in the lines")
    func part() throws {
        var result = SweepResult(try ScenarioText.scenario())
        result.add(try SampleRun.result(of: "passed", value: 1), seed: 1)
        result.abortReason = "it was interrupted, after 1 of 5 seeds"
        let lines = SweepLines.lines(result, style: .plain)
        #expect(lines.suffix(3) == ["", "ABORTED: it was interrupted, after 1 of 5 seeds", "1 seed: 1 passed"], "\(lines)")
        #expect(lines.contains { $0.contains("answered: held for 1 of 1") })
    }

    @Test("A folder that cannot be written to is found out before the first seed runs")
    func output() async throws {
        let sweep = SeedSweep(
            try Examples.scenario("hedging"), VirtualRuns.environment, seeds: 1...100_000, output: URL(filePath: "/dev/null/no"))
        let error = await #expect(throws: HarnessError.self) { try await sweep.run() }
        #expect(error?.description.hasPrefix("cannot write to /dev/null/no: ") == true)
    }
}
