import HoldfastChaos
import Testing

@Suite("Verdict on a variant")
struct VariantVerdictTests {
    private func result(_ id: String, _ passed: Bool, _ role: AssertionSpec.Role = .after) -> AssertionResult {
        AssertionResult(id: id, role: role, passed: passed, subject: "", observed: "", required: "", sentence: "")
    }

    private func verdict(expecting: [String] = [], failing: [String], gate: Bool = true, hits: [Int] = [1]) -> VariantVerdict {
        let results = [result("gate", gate, .gate)] + ["a", "b"].map { result($0, !failing.contains($0)) }
        let faults = hits.enumerated().map { RunFacts.Fault(id: "f\($0)", hits: $1, isUndone: true) }
        return VariantVerdict(
            variant: Variant(name: "v", policies: "p.json", expectedFailures: expecting), results: results, faults: faults)
    }

    @Test("It passes when exactly the expected assertions fail, and says which did not keep to that")
    func expectations() {
        #expect(verdict(failing: []).sentence == "Passed: all 3 assertions hold.")
        #expect(verdict(expecting: ["a"], failing: ["a"]).sentence == "Passed: exactly the expected assertions fail (a).")
        #expect(verdict(failing: ["a"]).sentence == "Failed; failed: a.")
        #expect(verdict(expecting: ["a"], failing: []).sentence == "Failed; should have failed and did not: a.")
        #expect(verdict(expecting: ["a"], failing: ["b"]).sentence == "Failed; failed: b; should have failed and did not: a.")
    }

    @Test("A fault that hit nothing fails the run")
    func idleFault() {
        #expect(verdict(failing: [], hits: [3, 0]).sentence == "Failed; hit nothing: f1.")
        #expect(verdict(failing: [], hits: [3, 0]).status == .failed)
    }

    @Test("A fault of which no probe shows that it is undone fails the run, and one that cannot be injected does neither")
    func leftFault() {
        let results = [result("a", true)]
        let variant = Variant(name: "v", policies: "p.json")
        let left = RunFacts.Fault(id: "left", hits: 1, isUndone: false)
        let skipped = RunFacts.Fault(id: "skipped", hits: 0, isUndone: true, obstacle: "no cgroup")
        #expect(VariantVerdict(variant: variant, results: results, faults: [left]).sentence == "Failed; not undone: left.")
        #expect(VariantVerdict(variant: variant, results: results, faults: [skipped]).status == .passed)
    }

    @Test("A gate that fails means not started, whatever else was expected")
    func gate() {
        let verdict = verdict(expecting: ["a"], failing: [], gate: false, hits: [0])
        #expect(verdict.status == .notStarted)
        #expect(verdict.sentence == "Not started: the steady state did not hold (gate), so nothing was broken.")
    }
}
