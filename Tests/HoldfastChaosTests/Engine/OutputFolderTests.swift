import Foundation
import Testing

@testable import HoldfastChaos

@Suite("The folder of a run's reports")
struct OutputFolderTests {
    /// A folder in which a run before has left all that one leaves.
    private static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["result.json", "junit.xml", "report.html", "sweep.json", "journal.ndjson", "notes.txt"] {
            try Data("of the run before".utf8).write(to: folder.appending(path: name))
        }
        try await body(folder)
    }

    private static func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("A run that the harness could not make leaves no result of the run before, and nothing else is touched")
    func failed() async throws {
        try await Self.withFolder { folder in
            // There is no executable for its processes.
            let run = ScenarioRun(try ScenarioText.scenario(), VirtualRuns.environment, output: folder, replayCommand: "") { _ in }
            await #expect(throws: HarnessError.self) { try await run.run() }
            #expect(try Self.names(in: folder) == ["journal.ndjson", "notes.txt"])
            #expect(try String(contentsOf: folder.appending(path: "notes.txt"), encoding: .utf8) == "of the run before")
        }
    }

    @Test("A folder that stands where a report belongs is not emptied: it is one clear error")
    func obstacle() async throws {
        try await Self.withFolder { folder in
            let obstacle = folder.appending(path: "junit.xml")
            try FileManager.default.removeItem(at: obstacle)
            try FileManager.default.createDirectory(at: obstacle.appending(path: "within"), withIntermediateDirectories: true)
            let error = #expect(throws: HarnessError.self) { try OutputFolder.prepare(folder) }
            #expect(error?.description.contains("the junit.xml that is there cannot be replaced") == true, "\(String(describing: error))")
            #expect(try Self.names(in: obstacle) == ["within"])
        }
    }
}
