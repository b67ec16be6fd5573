import Foundation
import Testing

@Suite("Reports of several runs", .serialized, .timeLimit(.minutes(3)))
struct ChaosReportTests {
    private static func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
    }

    @Test("Two runs are put side by side; what is no result of one is said so")
    func compare() async throws {
        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let runs = ["P=0.1": folder.appendingPathComponent("a").path, "P=1": folder.appendingPathComponent("b").path]
        for (parameter, path) in runs {
            _ = try await HoldfastCommand(
                "chaos", "run", HoldfastCommand.file("codes.json"), "--virtual", "--set", parameter, "--output", path
            ).finish()
        }
        let (good, bad) = (runs["P=0.1"]!, runs["P=1"]!)
        let page = folder.appendingPathComponent("page.html").path
        let outcome = try await HoldfastCommand("chaos", "compare", good, "\(bad)/result.json", "--output", page).finish()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("most-succeed: A ✓ ") && outcome.output.contains("B ✗ 0 %"), "\(outcome.output)")
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<svg"))

        for (path, complaint) in [
            ("/nowhere", "/nowhere: there is no such file or folder"),
            (HoldfastCommand.file("codes.json"), "codes.json: is not the result of a run"),
        ] {
            let outcome = try await HoldfastCommand("chaos", "compare", good, path).finish()
            #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome)")
        }
        let lost = try await HoldfastCommand("chaos", "compare", good, bad, "--output", "/nowhere/page.html").finish()
        #expect(lost.status == 74, "\(lost)")
    }

    @Test("A sweep over seeds leaves a page and its data, and ends with the command that runs one of them")
    func sweep() async throws {
        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try await HoldfastCommand(
            "chaos", "run", HoldfastCommand.file("codes.json"), "--seeds", "3..6", "--output", folder.path
        ).finish()
        #expect(outcome.status == 0, "\(outcome)")
        let last = outcome.output.split(separator: "\n").last.map(String.init) ?? ""
        #expect(last.hasSuffix("codes.json --virtual --seed 3"), "\(last)")
        #expect(try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8).contains("held for 4 of 4"))
        let data = try Data(contentsOf: folder.appendingPathComponent("sweep.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(json["seeds"] as? [Int] == [3, 4, 5, 6])
        let replay = try await HoldfastCommand(shell: last.replacingOccurrences(of: HoldfastCommand.executable.path, with: "exec \"$0\""))
            .finish()
        #expect(replay.status == 0, "\(replay)")
        for path in [folder.path, folder.appendingPathComponent("sweep.json").path] {
            let comparison = try await HoldfastCommand("chaos", "compare", path, path).finish()
            #expect(comparison.status == 64 && comparison.errors.hasPrefix("\(path): is of a sweep over seeds"), "\(comparison)")
        }
    }

    @Test("A sweep that is interrupted tells and keeps what it had found by then")
    func interruptedSweep() async throws {
        let folder = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let command = try HoldfastCommand(
            "chaos", "run", HoldfastCommand.file("codes.json"), "--seeds", "1..100000", "--output", folder.path)
        // It makes the folder before it runs the first seed.
        while !FileManager.default.fileExists(atPath: folder.path) { try await Task.sleep(for: .milliseconds(20)) }
        command.send(SIGINT)
        let outcome = await command.finish()
        #expect(outcome.status == 3 && outcome.output.contains("ABORTED: it was interrupted, after "), "\(outcome)")
        #expect(outcome.output.split(separator: "\n").last?.contains("codes.json --virtual --seed ") == true, "\(outcome)")
        let data = try Data(contentsOf: folder.appendingPathComponent("sweep.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect((json["abortReason"] as? String)?.hasSuffix(" of 100000 seeds") == true)
    }
}
