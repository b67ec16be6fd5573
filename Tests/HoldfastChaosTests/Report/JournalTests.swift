import Foundation
import HoldfastChaos
import Testing

@Suite("Journal and result")
struct JournalTests {
    @Test("The journal is one JSON object a line, in order")
    func lines() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString).ndjson")
        defer { try? FileManager.default.removeItem(at: url) }
        do {
            let journal = try JournalWriter(url: url)
            try journal.write(JournalEvent(at: 0, .phase(name: "fault")))
            try journal.write(JournalEvent(at: 1.5, .faultEnded(id: "f", hits: 3)))
            try journal.write(JournalEvent(at: 2, .transition(breaker: "say/circuitBreaker", state: .halfOpen)))
            try journal.write(JournalEvent(at: 9, .faultProbed(id: "f", isUndone: false)))
        }
        #expect(
            try String(contentsOf: url, encoding: .utf8) == """
                {"at":0,"event":"phase","name":"fault"}
                {"at":1.5,"event":"faultEnded","fault":"f","hits":3}
                {"at":2,"breaker":"say/circuitBreaker","event":"transition","state":"halfOpen"}
                {"at":9,"event":"faultProbed","fault":"f","isUndone":false}

                """)
    }

    @Test("A journal that cannot be made is an error, not a crash")
    func unwritable() {
        #expect(throws: (any Error).self) { _ = try JournalWriter(url: URL(filePath: "/nowhere/at/all/journal.ndjson")) }
    }

    @Test("A result reads back as it was written, and equal runs write equal bytes")
    func roundTrip() throws {
        let result = try SampleRun.result()
        let json = try result.json()
        #expect(try RunResult(json: json) == result)
        #expect(try SampleRun.result().json() == json)
    }

    @Test("The sample run is judged as the scenario says: full passes, no-fallback fails exactly what it should")
    func verdicts() throws {
        let result = try SampleRun.result()
        #expect(result.variants.map(\.verdict.status) == [.passed, .passed])
        #expect(result.variants[1].assertions.filter { !$0.passed }.map(\.id) == ["users-answered"])
        #expect(result.exitCode == 0)
    }

    @Test(
        "The exit code follows the variants",
        arguments: [
            ([.passed, .passed], 0), ([.passed, .failed], 1), ([.failed, .notStarted], 2),
        ] as [([VariantVerdict.Status], Int32)])
    func exitCodes(statuses: [VariantVerdict.Status], code: Int32) throws {
        let scenario = try Examples.scenario("say-outage")
        var variants = try SampleRun.result().variants
        for (index, status) in statuses.enumerated() { variants[index].verdict.status = status }
        let result = RunResult(scenario: scenario, replayCommand: "", machine: "", startedAt: "", variants: variants)
        #expect(result.exitCode == code)
    }
}
