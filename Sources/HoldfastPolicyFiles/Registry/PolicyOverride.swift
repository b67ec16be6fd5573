public import Holdfast

/// What a program decides about an element, whatever the policy file says.
///
/// It is applied to each document anew, so a program can pin a setting or keep the file's within bounds:
///
/// ```swift
/// let registry = try PolicyRegistry(path: "Policies/say.json", overrides: [
///     .timeout("say/total") { try .init(after: min($0.after, .seconds(2))) },
///     .bulkhead("say/bulkhead") { _ in try .init(maxConcurrent: cores * 8) },
/// ])
/// ```
///
/// An element that the document does not have, or that is of another kind, is an error of the document. To leave elements out, or to put
/// in those that are off, there are ``PolicyOptions/disabled`` and ``PolicyOptions/enabled``.
public struct PolicyOverride: Sendable {
    /// Makes new settings of those of the file.
    typealias Change = @Sendable (PipelineElement.Settings) throws(ConfigurationError) -> PipelineElement.Settings?

    /// The element, as `policy/element`; with a shared gate, all that share it follow.
    public let element: String
    /// What kind it must be.
    public let kind: PolicyKind
    let change: Change

    private init(_ element: String, _ kind: PolicyKind, _ change: @escaping Change) {
        self.element = element
        self.kind = kind
        self.change = change
    }

    /// Overrides a timeout.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func timeout(
        _ element: String, _ change: @escaping @Sendable (Timeout.Configuration) throws(ConfigurationError) -> Timeout.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .timeout) { settings throws(ConfigurationError) in
            guard case .timeout(let old) = settings else { return nil }
            return .timeout(try change(old))
        }
    }

    /// Overrides a retry; a budget that it shares stays shared, and as the file has it.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func retry(
        _ element: String, _ change: @escaping @Sendable (Retry.Configuration) throws(ConfigurationError) -> Retry.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .retry) { settings throws(ConfigurationError) in
            guard case .retry(let old, let shared) = settings else { return nil }
            let new = try change(old)
            guard shared != nil else { return .retry(new, sharedBudget: nil) }
            return .retry(
                try .init(
                    maxAttempts: new.maxAttempts, backoff: new.backoff, on: new.on, rules: new.rules, retryAfterMax: new.retryAfterMax,
                    budget: old.budget), sharedBudget: shared)
        }
    }

    /// Overrides a hedge; a budget that it shares stays shared, and as the file has it.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func hedge(
        _ element: String, _ change: @escaping @Sendable (Hedge.Configuration) throws(ConfigurationError) -> Hedge.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .hedge) { settings throws(ConfigurationError) in
            guard case .hedge(let old, let shared) = settings else { return nil }
            let new = try change(old)
            guard shared != nil else { return .hedge(new, sharedBudget: nil) }
            return .hedge(
                try .init(after: new.after, maxExtra: new.maxExtra, budget: old.budget, nonFatal: new.nonFatal), sharedBudget: shared)
        }
    }

    /// Overrides a circuit breaker.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func circuitBreaker(
        _ element: String,
        _ change: @escaping @Sendable (CircuitBreaker.Configuration) throws(ConfigurationError) -> CircuitBreaker.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .circuitBreaker) { settings throws(ConfigurationError) in
            guard case .circuitBreaker(let old) = settings else { return nil }
            return .circuitBreaker(try change(old))
        }
    }

    /// Overrides a rate limiter.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func rateLimiter(
        _ element: String, _ change: @escaping @Sendable (RateLimiter.Configuration) throws(ConfigurationError) -> RateLimiter.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .rateLimiter) { settings throws(ConfigurationError) in
            guard case .rateLimiter(let old) = settings else { return nil }
            return .rateLimiter(try change(old))
        }
    }

    /// Overrides a bulkhead.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func bulkhead(
        _ element: String, _ change: @escaping @Sendable (Bulkhead.Configuration) throws(ConfigurationError) -> Bulkhead.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .bulkhead) { settings throws(ConfigurationError) in
            guard case .bulkhead(let old) = settings else { return nil }
            return .bulkhead(try change(old))
        }
    }

    /// Overrides an adaptive limiter.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func adaptiveLimiter(
        _ element: String,
        _ change: @escaping @Sendable (AdaptiveLimiter.Configuration) throws(ConfigurationError) -> AdaptiveLimiter.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .adaptiveLimiter) { settings throws(ConfigurationError) in
            guard case .adaptiveLimiter(let old) = settings else { return nil }
            return .adaptiveLimiter(try change(old))
        }
    }

    /// Overrides a throttle.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func throttle(
        _ element: String,
        _ change: @escaping @Sendable (AdaptiveThrottle.Configuration) throws(ConfigurationError) -> AdaptiveThrottle.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .throttle) { settings throws(ConfigurationError) in
            guard case .throttle(let old) = settings else { return nil }
            return .throttle(try change(old))
        }
    }

    /// Overrides a load shedder.
    /// - Parameter change: makes the settings in force of those in the file.
    public static func shed(
        _ element: String, _ change: @escaping @Sendable (LoadShedder.Configuration) throws(ConfigurationError) -> LoadShedder.Configuration
    ) -> PolicyOverride {
        PolicyOverride(element, .shed) { settings throws(ConfigurationError) in
            guard case .shed(let old) = settings else { return nil }
            return .shed(try change(old))
        }
    }
}
