package import Foundation
import Holdfast

/// What many seeds of one scenario found: how each claim fared over all of them.
package struct SweepResult: Sendable, Hashable, Codable {
    /// A claim of one variant.
    package struct Claim: Sendable, Hashable, Codable {
        package var variant: String
        package var id: String
        package var subject: String
        package var required: String
        /// The unit of its values, if it has any.
        package var unit: Metric.Unit?
        /// What its values are compared with, in that unit.
        package var bound: Double?
        /// For how many seeds it was judged; a variant that did not start is not.
        package var judged = 0
        /// The seeds for which it did not hold.
        package var failedSeeds: [UInt64] = []
        /// What was observed, seed by seed; times in seconds.
        package var values: [Double] = []
        /// Whether the variant is meant to fail it.
        package var isExpectedToFail: Bool

        /// For how many seeds it held.
        package var held: Int { judged - failedSeeds.count }
        /// Whether it went as it is meant to go, for every seed.
        package var isAsMeant: Bool { isExpectedToFail ? held == 0 : failedSeeds.isEmpty }
    }

    package let scenario: String
    package let title: String
    package private(set) var seeds: [UInt64] = []
    package private(set) var passed: [UInt64] = []
    package private(set) var failed: [UInt64] = []
    package private(set) var notStarted: [UInt64] = []
    package private(set) var claims: [Claim]
    /// Why it was stopped before its last seed, in words; nil if it was not. All else is told of the seeds that had been judged.
    package var abortReason: String?

    init(_ scenario: Scenario) {
        self.scenario = scenario.name
        title = scenario.title
        claims = scenario.variants.flatMap { variant in
            scenario.assertions.map { assertion in
                let (unit, bound): (Metric.Unit?, Double?) =
                    switch assertion.check {
                    case .metric(let metric, let bound, _): (metric.unit, bound.value)
                    case .recovers(_, _, let recovery): (.time, recovery.within.seconds)
                    case .timeline, .invariant: (nil, nil)
                    }
                return Claim(
                    variant: variant.name, id: assertion.id, subject: "", required: "", unit: unit, bound: bound,
                    isExpectedToFail: variant.expectedFailures.contains(assertion.id))
            }
        }
    }

    mutating func add(_ result: RunResult, seed: UInt64) {
        seeds.append(seed)
        switch result.verdict {
        case .passed: passed.append(seed)
        case .notStarted: notStarted.append(seed)
        case .failed, .aborted, .skipped: failed.append(seed)
        }
        for variant in result.variants {
            for assertion in variant.assertions {
                guard let index = claims.firstIndex(where: { $0.variant == variant.name && $0.id == assertion.id }) else { continue }
                claims[index].subject = assertion.subject
                claims[index].required = assertion.required
                claims[index].judged += 1
                if !assertion.passed { claims[index].failedSeeds.append(seed) }
                if let value = assertion.value { claims[index].values.append(value) }
            }
        }
    }

    /// As JSON, with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Writes `sweep.json` and `report.html` into a folder, which is made if it is not there.
    ///
    /// - Parameter command: the command that runs one seed alone.
    /// - Throws: ``HarnessError`` when one of them cannot be written.
    package func write(to folder: URL, command: @escaping (UInt64) -> String) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(json().utf8).write(to: folder.appendingPathComponent("sweep.json"))
            try Data(SweepPage(self, command: command).html().utf8).write(to: folder.appendingPathComponent("report.html"))
        } catch {
            throw HarnessError("cannot write to \(folder.path): \(error.localizedDescription)")
        }
    }

    /// The command's exit code: 0 when every seed passed, else 1; 2 when none even started, 3 when it was stopped.
    package var exitCode: Int32 {
        if abortReason != nil { return 3 }
        if passed.count == seeds.count { return 0 }
        return notStarted.count == seeds.count ? 2 : 1
    }
}
