/// Whether a variant did what the scenario says of it.
package struct VariantVerdict: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable {
        case passed
        case failed
        /// A gate failed before anything was broken.
        case notStarted
    }

    package var status: Status
    /// Why, in one sentence.
    package var sentence: String

    /// Judges a variant that ran to its end, or up to its gate.
    ///
    /// - Parameters:
    ///   - variant: Names the assertions that must fail; the variant passes only if exactly those do.
    ///   - results: Of all assertions that were decided.
    ///   - faults: One for each fault of the scenario; a fault that hit nothing proves nothing and fails the run, and so does one of
    ///     which no probe has shown that it is undone. Those that this machine cannot inject are left out.
    package init(variant: Variant, results: [AssertionResult], faults: [RunFacts.Fault]) {
        let failed = results.filter { !$0.passed }
        let gates = failed.filter { $0.role == .gate }.map(\.id)
        guard gates.isEmpty else {
            status = .notStarted
            sentence = "Not started: the steady state did not hold (\(gates.joined(separator: ", "))), so nothing was broken."
            return
        }
        let expected = Set(variant.expectedFailures)
        let surprises = failed.map(\.id).filter { !expected.contains($0) }
        let missing = variant.expectedFailures.filter { id in !failed.contains { $0.id == id } }
        let faults = faults.filter { $0.obstacle == nil }
        let idle = faults.filter { $0.hits == 0 }.map(\.id)
        let left = faults.filter { !$0.isUndone }.map(\.id)
        let complaints = [
            surprises.isEmpty ? nil : "failed: \(surprises.joined(separator: ", "))",
            missing.isEmpty ? nil : "should have failed and did not: \(missing.joined(separator: ", "))",
            idle.isEmpty ? nil : "hit nothing: \(idle.joined(separator: ", "))",
            left.isEmpty ? nil : "not undone: \(left.joined(separator: ", "))",
        ].compactMap(\.self)
        status = complaints.isEmpty ? .passed : .failed
        if !complaints.isEmpty {
            sentence = "Failed; \(complaints.joined(separator: "; "))."
        } else if expected.isEmpty {
            sentence = "Passed: \(results.count == 1 ? "the assertion holds" : "all \(results.count) assertions hold")."
        } else {
            sentence = "Passed: exactly the expected assertions fail (\(variant.expectedFailures.joined(separator: ", ")))."
        }
    }
}
