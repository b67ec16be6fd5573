import Holdfast

/// How many attempts the service sees for each call, while it does one thing only: hangs, or fails always alike.
public struct LoadForecast: Hashable, Sendable {
    /// The most attempts that one call makes.
    public let mostAttempts: AttemptCount
    /// Attempts for each call while every one fails for a long time, and before any breaker opens, by the failure that makes for the
    /// most; nil if that depends on how many calls come and nobody said.
    public let sustained: Double?

    init(_ policy: PolicyDefinition, _ forecast: CallForecast, callsPerSecond: Double?) {
        mostAttempts = forecast.mostAttempts
        let loads = forecast.outages.map { Self.sustained($0, policy.enabledElements, callsPerSecond) }
        sustained = loads.contains(nil) ? nil : loads.compactMap(\.self).max()
    }

    private static func sustained(_ outage: Outage, _ elements: [PipelineElement], _ callsPerSecond: Double?) -> Double? {
        guard outage.attempts.count > 1 else { return 1 }
        var sustained = 1.0
        for (index, element) in elements.enumerated() {
            let isEnded = elements[index...].contains { $0.kind == .timeout }
            let extra = outage.extraAttempts(by: element.settings, isEnded: isEnded)
            guard extra > 0 else { continue }
            guard let share = share(of: element.settings.budget, callsPerSecond) else { return nil }
            sustained *= 1 + min(Double(extra), share)
        }
        // Retries that stand down for one around them make fewer attempts than the product.
        return min(sustained, Double(outage.attempts.count))
    }

    /// How many further attempts a budget allows for each call when it is drawn on all the time.
    private static func share(of budget: RetryBudget.Configuration?, _ callsPerSecond: Double?) -> Double? {
        switch budget?.limit {
        case nil: .infinity
        case .grpcThrottle: 0
        case .tokenBucket(_, let tokensPerCall): tokensPerCall
        case .share(let ratio, let minimum, _): minimum == 0 ? ratio : callsPerSecond.map { ratio + minimum / $0 }
        }
    }
}

extension PipelineElement.Settings {
    /// What limits the further attempts of all calls together.
    fileprivate var budget: RetryBudget.Configuration? {
        switch self {
        case .retry(let retry, _): retry.budget
        case .hedge(let hedge, _): hedge.budget
        default: nil
        }
    }
}
