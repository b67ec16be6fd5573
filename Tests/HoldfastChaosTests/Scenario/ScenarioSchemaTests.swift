import Foundation
import HoldfastPolicyFiles
import ProcessExit
import Testing

@testable import HoldfastChaos

@Suite("The schema of scenarios")
struct ScenarioSchemaTests {
    private static let file = Examples.folder.appending(path: "scenario.schema.json")

    @Test("The file in Examples/ is what the shapes say now; make schema prints it anew")
    func current() throws {
        if ProcessInfo.processInfo.environment["HOLDFAST_RECORD"] == "1" {
            try ScenarioSchema.text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == ScenarioSchema.text)
    }

    @Test("Every object has the keys that the reader asks for, and no others; every word of one is a word of the other")
    func agreesWithReader() throws {
        var walk = ScenarioWalk()
        for text in FullScenarios.all {
            // What is walked through must be right to begin with.
            do { _ = try ScenarioText.read(text) } catch { Issue.record("\(error.rendering)") }
            try walk.compare(text)
        }
        for difference in walk.differences { Issue.record("\(difference)") }
        #expect(walk.unvisited == [], "these keys stand in none of the scenarios that were compared")
    }

    @Test(
        "An independent validator accepts every example and rejects every bad scenario that a schema can reject",
        .enabled(if: Self.isRequired, "set HOLDFAST_PYTHON to a Python with jsonschema"))
    func foreignValidator() async throws {
        var good = FullScenarios.all.enumerated().map { ("full \($0)", $1) }
        let names = try FileManager.default.contentsOfDirectory(atPath: Examples.folder.path).sorted()
        for name in names where name.hasSuffix(".json") && name != "scenario.schema.json" {
            let text = try String(contentsOf: Examples.folder.appending(path: name), encoding: .utf8)
            if text.contains("\"services\"") { good.append((name, text)) }
        }
        #expect(good.count > FullScenarios.all.count + 4)
        let bad = BadScenario.all.filter { (try? JSONSerialization.jsonObject(with: Data($0.text.utf8))) != nil }
        let verdicts = try await validate(good.map(\.1) + bad.map(\.text))
        for ((name, text), isValid) in zip(good, verdicts) { #expect(isValid, "\(name): \(text)") }
        for (scenario, isValid) in zip(bad, verdicts.dropFirst(good.count)) {
            #expect(isValid == scenario.isAcceptedBySchema, "\(scenario.testDescription)")
        }
    }

    private static let python = ProcessInfo.processInfo.environment["HOLDFAST_PYTHON"]
    private static var isRequired: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] == "true" }

    /// Whether each document is valid, as python's jsonschema sees it.
    private func validate(_ documents: [String]) async throws -> [Bool] {
        let python = try #require(Self.python, "HOLDFAST_PYTHON must name a Python that has jsonschema")
        let file = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString).json")
        try JSONEncoder().encode(documents).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            BadScenario.repository.appending(path: "Tests/ForeignPeers/validate_policies.py").path(), Self.file.path(), file.path(),
        ]
        process.standardOutput = output
        try process.run()
        // On a thread of its own: python takes seconds, and tests share two.
        let (data, status) = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: (data, process.waitForExit()))
            }
        }
        #expect(status == 0)
        return try JSONDecoder().decode([Bool].self, from: data)
    }
}
