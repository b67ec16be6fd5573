import Holdfast

extension RetryBudget.Configuration {
    /// Reads what limits retries and hedges; ranges are the core's business.
    ///
    /// - Parameter standard: what holds where a share leaves something out.
    static func read(_ object: ObjectReader, standard: Self = .standard) -> Self? {
        if let throttle = object.optional("grpcThrottle") {
            return throttle.unit("a number of tokens and a ratio") { readThrottle($0, in: object) }
        }
        guard case .share(let standardRatio, let standardMinimum, let standardWindow) = standard.limit else { return nil }
        let ratio = object.optional("ratio").map { $0.number() } ?? standardRatio
        let minimumPerSecond = object.optional("minimumPerSecond").map { $0.number() } ?? standardMinimum
        let window = object.optional("window").map { $0.duration() } ?? standardWindow
        guard let ratio, let minimumPerSecond, let window else { return nil }
        return object.configuration(within: "budget") { accepted throws(ConfigurationError) in
            try Self(
                .share(
                    ratio: accepted("ratio", ratio) ?? standardRatio,
                    minimumPerSecond: accepted("minimumPerSecond", minimumPerSecond) ?? standardMinimum,
                    window: accepted("window", window) ?? standardWindow))
        }
    }

    private static func readThrottle(_ throttle: ObjectReader, in budget: ObjectReader) -> Self? {
        let maxTokens = throttle.required("maxTokens")?.integer()
        let tokenRatio = throttle.required("tokenRatio")?.number()
        guard let maxTokens, let tokenRatio else { return nil }
        return budget.configuration(within: "budget") { accepted throws(ConfigurationError) in
            try Self(
                .grpcThrottle(
                    maxTokens: accepted("grpcThrottle.maxTokens", maxTokens) ?? 1,
                    tokenRatio: accepted("grpcThrottle.tokenRatio", tokenRatio) ?? 1))
        }
    }
}
