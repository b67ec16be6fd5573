import Holdfast
import HoldfastAdmin

/// The result of a run as JUnit XML, which every CI system reads: a suite for each variant, a case for each assertion and each fault.
package struct JUnitReport {
    private let result: RunResult

    package init(_ result: RunResult) {
        self.result = result
    }

    /// The text of `junit.xml`.
    package var xml: String {
        var suites = result.variants.map(suite)
        // A run that was stopped, or judged nothing, must not read as one without a complaint.
        if let reason = result.abortReason {
            suites.append(Suite(name: result.scenario, cases: [Case(name: "run", outcome: .error("The run was stopped: \(reason)."))]))
        }
        let attributes = counts(suites.flatMap(\.cases))
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(escape(result.scenario))" \(attributes) time="\(seconds * Double(result.variants.count))">
            \(suites.map(text).joined(separator: "\n"))
            </testsuites>

            """
    }

    private struct Suite {
        var name: String
        var cases: [Case]
    }

    private struct Case {
        enum Outcome {
            case passed(String)
            case failed(String)
            case skipped(String)
            case error(String)
        }

        var name: String
        var outcome: Outcome
    }

    private var seconds: Double { result.phases.last?.end ?? 0 }

    private func suite(_ variant: VariantResult) -> Suite {
        let assertions = variant.assertions.map { assertion in
            let isExpectedToFail = variant.expectedFailures.contains(assertion.id)
            let outcome: Case.Outcome =
                switch (assertion.passed, isExpectedToFail) {
                case (true, false): .passed(assertion.sentence)
                case (false, true): .passed("Fails, as it is meant to: \(assertion.sentence)")
                case (false, false): .failed(assertion.sentence)
                case (true, true): .failed("Should have failed and did not: \(assertion.sentence)")
                }
            return Case(name: assertion.id, outcome: outcome)
        }
        let faults = variant.verdict.status == .notStarted ? [] : variant.faults
        return Suite(name: "\(result.scenario).\(variant.name)", cases: assertions + faults.map(testCase))
    }

    private func testCase(_ fault: FaultResult) -> Case {
        let outcome: Case.Outcome =
            if let obstacle = fault.obstacle {
                .skipped(obstacle)
            } else if fault.hits == 0 {
                .failed("The fault hit nothing.")
            } else if !fault.isUndone {
                .failed("No probe showed that the fault is undone.")
            } else {
                .passed("\(Figure.count(fault.hits, "hit")), undone.")
            }
        return Case(name: "fault \(fault.id)", outcome: outcome)
    }

    private func text(_ suite: Suite) -> String {
        """
        <testsuite name="\(escape(suite.name))" \(counts(suite.cases)) time="\(seconds)" timestamp="\(escape(result.startedAt))">
        <properties><property name="seed" value="\(result.seed)"/><property name="replay" value="\(escape(result.replayCommand))"/></properties>
        \(suite.cases.map { text($0, of: suite) }.joined(separator: "\n"))
        </testsuite>
        """
    }

    private func text(_ testCase: Case, of suite: Suite) -> String {
        let content =
            switch testCase.outcome {
            case .passed(let sentence): "<system-out>\(escape(sentence))</system-out>"
            case .failed(let sentence): "<failure message=\"\(escape(sentence))\"/>"
            case .skipped(let sentence): "<skipped message=\"\(escape(sentence))\"/>"
            case .error(let sentence): "<error message=\"\(escape(sentence))\"/>"
            }
        return "<testcase classname=\"\(escape(suite.name))\" name=\"\(escape(testCase.name))\">\(content)</testcase>"
    }

    private func counts(_ cases: [Case]) -> String {
        var (failures, errors, skipped) = (0, 0, 0)
        for testCase in cases {
            switch testCase.outcome {
            case .passed: break
            case .failed: failures += 1
            case .error: errors += 1
            case .skipped: skipped += 1
            }
        }
        return "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
    }

    private func escape(_ text: String) -> String { Markup.escape(text) }
}
