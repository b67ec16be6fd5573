import HoldfastPolicyFiles
import Testing

@Suite("The behaviour tables of other libraries, through policy replay")
struct ConformanceTests {
    /// What our rules decide otherwise, or what needs a knob that they do not have.
    static let differences: [String: String] = [
        "cb-08-half-open-fails": "S16: the breaker decides when the verdict is certain; of 4 probes at rate 0.5, the second failure opens",
        "cb-16-stale-generation-dropped": "S11: windows slide, and the rollover of a window is not a new generation",
        "rb-05-concurrent-budget": "S62: a budget is a share of the calls of a time, not of those under way",
        "rd-02-grpc-backoff-bounds": "S61: the cap applies last, and jitter never exceeds it",
        "at-01-admission-probability": "S71: the formula of the SRE book has no cap below 1",
    ]

    @Test("A scenario comes out as written, or differs by design", arguments: Scenario.all)
    func scenario(_ scenario: Scenario) async throws {
        let mismatches = try await mismatches(scenario)
        if let rule = Self.differences[scenario.id] {
            #expect(mismatches?.isEmpty != true, "listed as different, \(rule), but comes out as written")
        } else {
            #expect(mismatches == [], "\(scenario.id)")
        }
    }

    @Test("Every difference is one of a scenario that is there")
    func differencesExist() {
        #expect(Scenario.all.count == 28)
        #expect(Set(Self.differences.keys).isSubset(of: Scenario.all.map(\.id)))
    }

    /// What came out otherwise; nil if the scenario cannot be told in a trace.
    private func mismatches(_ scenario: Scenario) async throws -> [String]? {
        guard let converted = ScenarioConverter.convert(scenario) else { return nil }
        var mismatches: [String] = []
        for trace in converted.traces {
            let lines = try await replay(trace.json)
            for expectation in trace.expectations {
                let actual = expectation.actual(lines[expectation.step])
                if actual != expectation.expected {
                    mismatches.append(
                        "step \(expectation.step): \(expectation.key) is \(actual ?? "null"), expected \(expectation.expected ?? "null")")
                }
            }
        }
        return mismatches
    }
}
