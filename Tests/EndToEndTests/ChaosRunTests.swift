import Foundation
import Testing

@Suite("holdfast chaos run, with real processes", .serialized)
struct ChaosRunTests {
    private struct Result: Decodable {
        struct Variant: Decodable {
            struct Fault: Decodable {
                var id: String
                var hits: Int
            }

            struct Load: Decodable {
                struct Second: Decodable {
                    var outcomes: [String: Int]
                }

                var seconds: [Second]
            }

            var name: String
            var faults: [Fault]
            var loads: [Load]

            var calls: Int { loads.flatMap(\.seconds).flatMap(\.outcomes.values).reduce(0, +) }
        }

        var verdict: String
        var variants: [Variant]
    }

    private static func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
    }

    private static func result(_ folder: URL) throws -> Result {
        try JSONDecoder().decode(Result.self, from: Data(contentsOf: folder.appendingPathComponent("result.json")))
    }

    /// The services that the runner with that process id has started.
    private static func children(of parent: Int32) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { id in
            guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return false }
            return status.contains("PPid:\t\(parent)\n")
        }
    }

    private static func isAlive(_ id: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return false }
        return !status.contains("State:\tZ")
    }

    private static func awaitEnd(of ids: [Int32]) async throws {
        // Bounded by the test's time limit, not by a figure of ours.
        while ids.contains(where: isAlive) { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test("A short scenario: the policies hold, the bad variant fails as expected, and the reports are there", .timeLimit(.minutes(3)))
    func shortScenario() async throws {
        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let command = try HoldfastCommand("chaos", "run", HoldfastCommand.file("short.json"), "--output", folder.path)
        let outcome = await command.finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        let last = outcome.output.split(separator: "\n").last.map(String.init) ?? ""
        #expect(last.contains("chaos run") && last.contains("--seed 7"), "the last line replays the run: \(last)")
        let result = try Self.result(folder)
        #expect(result.verdict == "passed")
        try #require(result.variants.map(\.name) == ["full", "no-fallback"])
        #expect(result.variants[0].calls == result.variants[1].calls, "both variants see the same arrivals")
        let journal = try String(contentsOf: folder.appendingPathComponent("journal.ndjson"), encoding: .utf8)
        for line in journal.split(separator: "\n") {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        let events = ["phase", "faultStarted", "decision", "faultEnded", "faultProbed", "transition", "second", "assertion", "verdict"]
        for event in events { #expect(journal.contains("\"event\":\"\(event)\""), "the journal has no \(event)") }
        let junit = try String(contentsOf: folder.appendingPathComponent("junit.xml"), encoding: .utf8)
        #expect(junit.contains("<testsuite name=\"short.full\"") && junit.contains("failures=\"0\" errors=\"0\""))
        let report = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(report.contains("<svg") && !report.contains("src=\"http") && !report.contains("href=\"http"))
    }

    @Test("The same seed offers the same calls and draws the same faults; another seed others", .timeLimit(.minutes(3)))
    func seeds() async throws {
        var hits: [String: [[String: Int]]] = [:]
        for seed in ["7", "8"] {
            let folder = Self.temporaryFolder()
            defer { try? FileManager.default.removeItem(at: folder) }
            let outcome = try await HoldfastCommand(
                "chaos", "run", HoldfastCommand.file("draws.json"), "--seed", seed, "--output", folder.path
            ).finish()
            #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
            hits[seed] = try Self.result(folder).variants.map { variant in
                Dictionary(uniqueKeysWithValues: variant.faults.map { ($0.id, $0.hits) }).merging(["calls": variant.calls]) { $1 }
            }
        }
        #expect(hits["7"]?.first == hits["7"]?.last)
        #expect(hits["8"]?.first == hits["8"]?.last)
        #expect(hits["7"]?.first != hits["8"]?.first)
    }

    @Test("A steady state that does not hold ends the run with code 2 before anything is broken", .timeLimit(.minutes(2)))
    func notStarted() async throws {
        let outcome = try await HoldfastCommand("chaos", "run", HoldfastCommand.file("not-started.json")).finish()
        #expect(outcome.status == 2, "\(outcome.output)\n\(outcome.errors)")
        #expect(!outcome.output.contains("in force"))
    }

    @Test("An interrupted run undoes what it did and ends its children", .timeLimit(.minutes(2)), arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let command = try HoldfastCommand("chaos", "run", HoldfastCommand.file("short.json"))
        _ = try #require(await command.line(containing: "fault errors in force"))
        let children = try Self.children(of: command.processID)
        // The service and the watchdog.
        #expect(children.count == 2)
        command.send(signal)
        let outcome = await command.finish()
        #expect(outcome.status == 3, "\(outcome.output)\n\(outcome.errors)")
        #expect(!children.contains(where: Self.isAlive))
    }

    @Test("Children end by themselves when the runner is killed", .timeLimit(.minutes(2)))
    func runnerKilled() async throws {
        let command = try HoldfastCommand("chaos", "run", HoldfastCommand.file("short.json"))
        _ = try #require(await command.line(containing: "phase steady"))
        let children = try Self.children(of: command.processID)
        // The service and the watchdog.
        #expect(children.count == 2)
        command.send(SIGKILL)
        try await Self.awaitEnd(of: children)
    }
}
