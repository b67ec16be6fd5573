/// A figure that is taken of calls, per phase and per load.
package enum Metric: Sendable, Hashable {
    /// Calls that the main path answered, of all calls.
    case successRatio
    /// Calls that the main path or a fallback answered.
    case answeredRatio
    /// Calls that the main path answered within the deadline.
    case goodputRatio
    case fallbackRatio
    case rejectedRatio
    /// Attempts on the wire per call.
    case attemptsPerCall
    /// Attempts that hedges started per call.
    case hedgeRatio
    /// Time from the intended start to the answer.
    case latency(Quantile)
    /// The mean of those times.
    case latencyMean
    /// Time from when the call really started to the answer: what a caller who waits for its turn does not see of the wait.
    case latencyFromStart(Quantile)
    /// Time from the intended start to the failure.
    case failedLatency(Quantile)
    /// How late calls started after their intended start: the load generator's own fault.
    case lateness(Quantile)
    /// The most calls that waited in line at the load's service at once.
    case queueMax
    /// How many calls at once an adaptive limiter of the load's policies lets through, at the end of the phase.
    case limitValue

    package enum Quantile: String, Sendable, Hashable, CaseIterable {
        case p50, p90, p95, p99, p999, max

        /// 0...1.
        package var fraction: Double {
            switch self {
            case .p50: 0.5
            case .p90: 0.9
            case .p95: 0.95
            case .p99: 0.99
            case .p999: 0.999
            case .max: 1
            }
        }
    }

    package enum Unit: String, Sendable, Hashable, Codable {
        /// 0...1.
        case ratio
        /// A number from 0 on.
        case number
        /// Seconds.
        case time
    }

    package static let all: [Metric] =
        [.successRatio, .answeredRatio, .goodputRatio, .fallbackRatio, .rejectedRatio, .attemptsPerCall, .hedgeRatio]
        + Quantile.allCases.map { .latency($0) } + [.latencyMean] + Quantile.allCases.map { .latencyFromStart($0) }
        + Quantile.allCases.map { .failedLatency($0) } + [.lateness(.p99), .queueMax, .limitValue]

    package var name: String {
        switch self {
        case .successRatio: "successRatio"
        case .answeredRatio: "answeredRatio"
        case .goodputRatio: "goodputRatio"
        case .fallbackRatio: "fallbackRatio"
        case .rejectedRatio: "rejectedRatio"
        case .attemptsPerCall: "attemptsPerCall"
        case .hedgeRatio: "hedgeRatio"
        case .latency(let quantile): "latency.\(quantile)"
        case .latencyMean: "latency.mean"
        case .latencyFromStart(let quantile): "latency.fromStart.\(quantile)"
        case .failedLatency(let quantile): "latency.failed.\(quantile)"
        case .lateness(let quantile): "load.lateness.\(quantile)"
        case .queueMax: "queue.max"
        case .limitValue: "limit.value"
        }
    }

    package var unit: Unit {
        switch self {
        case .successRatio, .answeredRatio, .goodputRatio, .fallbackRatio, .rejectedRatio: .ratio
        case .attemptsPerCall, .hedgeRatio, .queueMax, .limitValue: .number
        case .latency, .latencyMean, .latencyFromStart, .failedLatency, .lateness: .time
        }
    }
}
