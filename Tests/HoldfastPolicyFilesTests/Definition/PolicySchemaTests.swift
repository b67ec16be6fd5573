import Foundation
import HoldfastPolicyFiles
import ProcessExit
import Testing

@Suite("The schema of policy files and the page about their fields")
struct PolicySchemaTests {
    @Test("The files in Policies/ are what the definitions say now; make schema prints them anew")
    func current() throws {
        let policies = BadDocument.repository.appending(path: "Policies")
        for (name, text) in ["policy.schema.json": PolicySchema.text, "reference.md": PolicyReference.text] {
            let file = policies.appending(path: name)
            if ProcessInfo.processInfo.environment["HOLDFAST_RECORD"] == "1" {
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(name)")
        }
    }

    @Test(
        "An independent validator agrees with the reader as far as a schema can",
        .enabled(if: Self.isRequired, "set HOLDFAST_PYTHON to a Python with jsonschema"))
    func foreignValidator() throws {
        var good = ["say", "echo"].map { (name: $0, text: (try? String(contentsOfFile: shippedPolicy($0), encoding: .utf8)) ?? "") }
        good += (0..<100 as Range<UInt64>).map { ("random \($0)", RandomDocument.make(seed: $0).json) }
        good += LanguageTests.goodDocuments.map { ($0.name, $0.json) }
        let bad = BadDocument.all.filter { !$0.isJSON5 && $0.theme != "syntax" }

        let verdicts = try validate(good.map(\.text) + bad.map(\.text))
        for (document, isValid) in zip(good, verdicts) { #expect(isValid, "\(document.name): \(document.text)") }
        for (document, isValid) in zip(bad, verdicts.dropFirst(good.count)) {
            #expect(isValid == document.isAcceptedBySchema, "\(document.testDescription)")
        }
    }

    private static let python = ProcessInfo.processInfo.environment["HOLDFAST_PYTHON"]
    private static var isRequired: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] == "true" }

    /// Whether each document is valid, as python's jsonschema sees it.
    private func validate(_ documents: [String]) throws -> [Bool] {
        let python = try #require(Self.python, "HOLDFAST_PYTHON must name a Python that has jsonschema")
        let file = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString).json")
        try JSONEncoder().encode(documents).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            BadDocument.repository.appending(path: "Tests/ForeignPeers/validate_policies.py").path(),
            BadDocument.repository.appending(path: "Policies/policy.schema.json").path(), file.path(),
        ]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        #expect(process.waitForExit() == 0)
        return try JSONDecoder().decode([Bool].self, from: data)
    }
}
