import Holdfast

extension PolicyDefinition {
    /// Whether one caller could be given what was for another (S35): a file cannot tell what metadata calls carry, but it can say what
    /// answers depend on, and a limiter that is keyed by metadata shows that callers differ by it.
    func lintAnswers() -> [PolicyFinding] {
        guard let fallback, fallback.isEnabled, fallback.metadata == nil, let (sharing, location) = fallback.sharing else { return [] }
        let tenant = enabledElements.lazy.compactMap { element -> String? in
            guard case .rateLimiter(let limiter) = element.settings, case .metadata(let key) = limiter.key else { return nil }
            return "\(element.name) tells callers apart by the metadata \(quoted(key))"
        }.first
        return [
            PolicyFinding(
                tenant == nil ? .note : .warning, location.warning(sharing + (tenant.map { ", but \($0)" } ?? "")), rule: "answersOfOthers",
                explanation:
                    "Where an answer depends on who asks, one caller would get what was for another. Name the metadata that it depends on, as "
                    + "in \"fallback\": { \"metadata\": [\"authorization\"], \"steps\": [...] }, or give \"metadata\": [] if there is none."
            )
        ]
    }
}

extension FallbackDefinition {
    /// What makes one answer serve several calls, and where it stands; nil if nothing does.
    fileprivate var sharing: (text: String, location: SourceLocation)? {
        for step in steps {
            switch step.action {
            case .lastGood: return ("lastGood answers whoever sends the same request", step.location)
            case .target where singleFlight, .handler where singleFlight:
                return ("singleFlight gives one answer to all who send the same request", location)
            case .value, .target, .handler: break
            }
        }
        return nil
    }
}
