/// What became of one load.
package struct LoadResult: Sendable, Hashable, Codable {
    package var name: String
    package var method: String
    /// How its calls arrived, in words: figures of a closed loop mean something else than those of an open one. Nil in results of
    /// earlier versions.
    package var arrival: String?
    /// One for each second of the run.
    package var seconds: [SecondResult]
    /// One for each phase.
    package var phases: [PhaseResult]

    init(_ load: LoadSpec, recorder: Recorder) {
        name = load.name
        method = load.method
        arrival = load.arrival.words
        seconds = (0..<recorder.seconds).map { second in
            SecondResult(second: second, recorder.aggregate(second: second, load: load.name))
        }
        phases = recorder.timeline.phases.map { phase in
            PhaseResult(phase: phase.name, recorder.aggregate(phase: phase.name, load: load.name))
        }
    }
}

/// The calls whose intended start lies in one second.
package struct SecondResult: Sendable, Hashable, Codable {
    package var second: Int
    /// By the outcome's kind; kinds without a call are left out.
    package var outcomes: [String: Int]
    package var attempts: Int
    /// Of answered calls, milliseconds; nil where none was answered.
    package var p50: Double?
    package var p90: Double?
    package var p99: Double?
    package var maximum: Double?
    /// The most busy workers and the longest line of the service; nil where it did not tell.
    package var busy: Int?
    package var waiting: Int?
    /// What an adaptive limiter let through at the end; nil for none.
    package var limit: Int?

    package init(second: Int, _ aggregate: Aggregate) {
        self.second = second
        outcomes = aggregate.outcomesByName
        attempts = aggregate.attempts
        p50 = aggregate.milliseconds(.latency(.p50))
        p90 = aggregate.milliseconds(.latency(.p90))
        p99 = aggregate.milliseconds(.latency(.p99))
        maximum = aggregate.milliseconds(.latency(.max))
        busy = aggregate.occupancy?.busy
        waiting = aggregate.occupancy?.waiting
        limit = aggregate.limit
    }

    package var calls: Int { outcomes.values.reduce(0, +) }

    /// Nil where there was no call.
    package var attemptsPerCall: Double? { calls > 0 ? Double(attempts) / Double(calls) : nil }
}

/// The calls of one phase.
package struct PhaseResult: Sendable, Hashable, Codable {
    /// The fractions at which a spectrum gives the latency.
    package static let spectrumFractions = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1]

    package var phase: String
    package var calls: Int
    package var outcomes: [String: Int]
    /// By kind and detail, such as `error UNAVAILABLE`.
    package var details: [String: Int]
    /// Metrics by name: ratios 0...1, times in milliseconds; those that could not be taken are left out.
    package var metrics: [String: Double]
    /// The latency of answered calls, in milliseconds, at ``spectrumFractions``; empty where none was answered.
    package var spectrum: [Double]

    init(phase: String, _ aggregate: Aggregate) {
        self.phase = phase
        calls = aggregate.calls
        outcomes = aggregate.outcomesByName
        details = [:]
        for (outcome, count) in aggregate.details {
            guard let detail = outcome.detail else { continue }
            details["\(outcome.kind.rawValue) \(detail)"] = count
        }
        metrics = [:]
        for metric in Metric.all {
            metrics[metric.name] = metric.unit == .time ? aggregate.milliseconds(metric) : aggregate.value(of: metric)
        }
        spectrum = Self.spectrumFractions.compactMap { fraction in aggregate.answered.seconds(at: fraction).map { $0 * 1000 } }
    }
}

extension Aggregate {
    fileprivate var outcomesByName: [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    }

    fileprivate func milliseconds(_ metric: Metric) -> Double? {
        value(of: metric).map { $0 * 1000 }
    }
}
