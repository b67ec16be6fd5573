import Holdfast

/// All that a run of a scenario found: what `result.json` holds and every report is made of.
///
/// Times are seconds from the start of a variant's load, latencies milliseconds.
package struct RunResult: Sendable, Hashable, Codable {
    package enum Verdict: String, Sendable, Hashable, Codable {
        case passed
        case failed
        /// This machine could not inject all faults, so whatever was found proves nothing.
        case skipped
        /// A gate failed before anything was broken.
        case notStarted
        /// Stopped by a signal or a safety limit.
        case aborted
    }

    package var scenario: String
    package var title: String
    package var seed: UInt64
    package var verdict: Verdict
    /// Why the run was stopped before its end, in words; nil for one that was not.
    package var abortReason: String?
    /// The command that runs the same again.
    package var replayCommand: String
    /// Where it ran, in words: `Linux x86_64, 2 cores, Swift 6.3.1`.
    package var machine: String
    /// Date and time in UTC, ISO 8601.
    package var startedAt: String
    package var phases: [PhaseSpan]
    package var variants: [VariantResult]

    package init(
        scenario: Scenario, replayCommand: String, machine: String, startedAt: String, variants: [VariantResult],
        abortReason: String? = nil, allowsSkipped: Bool = false
    ) {
        self.abortReason = abortReason
        self.scenario = scenario.name
        title = scenario.title
        seed = scenario.seed
        self.replayCommand = replayCommand
        self.machine = machine
        self.startedAt = startedAt
        phases = scenario.timeline.phases.map(PhaseSpan.init)
        self.variants = variants
        let statuses = variants.map(\.verdict.status)
        verdict =
            if abortReason != nil {
                .aborted
            } else if statuses.contains(.notStarted) {
                .notStarted
            } else if !allowsSkipped, variants.contains(where: { $0.faults.contains { $0.obstacle != nil } }) {
                .skipped
            } else if variants.isEmpty || statuses.contains(.failed) {
                .failed
            } else {
                .passed
            }
    }

    /// The verdict in a word or two.
    package var label: String { verdict == .notStarted ? "not started" : verdict.rawValue }

    /// The command's exit code, as the scenario format defines it.
    package var exitCode: Int32 {
        switch verdict {
        case .passed: 0
        case .failed: 1
        case .notStarted: 2
        case .aborted: 3
        case .skipped: 5
        }
    }

    /// A phase on the report's time axis.
    package struct PhaseSpan: Sendable, Hashable, Codable {
        package var name: String
        package var start: Double
        package var end: Double
        package var isMeasured: Bool
        package var isGate: Bool
    }
}

extension RunResult.PhaseSpan {
    init(_ phase: Phase) {
        self.init(
            name: phase.name, start: phase.start.seconds, end: phase.end.seconds, isMeasured: phase.isMeasured, isGate: phase.isGate)
    }
}
