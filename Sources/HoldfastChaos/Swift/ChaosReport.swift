public import Foundation

/// What a run of a ``ChaosScenario`` found.
public struct ChaosReport: Sendable, CustomStringConvertible {
    private let result: RunResult

    init(_ result: RunResult) {
        self.result = result
    }

    /// Whether every assertion held, or failed as expected, and every fault hit something.
    public var passed: Bool { result.verdict == .passed }

    /// One word: `passed`, `failed`, `notStarted` (a gate did not hold) or `aborted`.
    public var verdict: String { result.verdict.rawValue }

    /// Every assertion and every fault with what was observed, then the verdict and the seed, a line each.
    public var description: String { VerdictLines.lines(result, style: .plain).joined(separator: "\n") }

    /// A metric of the scenario format, of the calls of a load that were meant to start in a phase; times in milliseconds.
    /// - Returns: nil if there is no such variant, load, phase or metric, or nothing to take it of.
    public func metric(_ name: String, variant: String, load: String, phase: String) -> Double? {
        let variant = result.variants.first { $0.name == variant }
        let load = variant?.loads.first { $0.name == load }
        return load?.phases.first(where: { $0.phase == phase })?.metrics[name]
    }

    /// How often a fault hit in a variant; nil if there is no such fault in it.
    public func hits(of fault: String, variant: String) -> Int? {
        result.variants.first { $0.name == variant }?.faults.first { $0.id == fault }?.hits
    }

    /// All of it as JSON, as `result.json` has it.
    public func json() throws -> Data { try result.json() }

    /// All of it as one page, as `report.html` has it.
    public func html() throws -> String { try HTMLReport(result).html() }
}
