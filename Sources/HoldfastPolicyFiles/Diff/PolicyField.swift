import Holdfast

/// One setting of an element as a policy file would spell it: its path within the element, and its value.
struct PolicyField: Hashable, Sendable {
    let path: String
    let text: String
}

/// Collects the settings of an element, defaults included.
struct PolicyFields {
    private(set) var list: [PolicyField] = []

    /// Takes a setting; one that is not given reads `none`.
    mutating func add(_ path: String, _ text: String?) {
        list.append(PolicyField(path: path, text: text ?? "none"))
    }

    mutating func add(_ path: String, _ duration: Duration?) {
        add(path, duration.map { DurationText.format($0) })
    }

    mutating func add(_ path: String, _ number: Int?) {
        add(path, number.map(String.init))
    }

    mutating func add(_ path: String, _ number: Double?) {
        add(path, number.map { Words.number($0) })
    }

    mutating func add(_ path: String, _ flag: Bool) {
        add(path, flag ? "true" : "false")
    }

    mutating func add(_ path: String, _ codes: Set<StatusCode>) {
        add(path, codes.isEmpty ? "nothing" : codes.sorted { $0.rawValue < $1.rawValue }.map(\.name).joined(separator: ", "))
    }

    mutating func add(_ path: String, _ selector: FailureSelector?) {
        guard let selector else { return add(path, String?.none) }
        let names = selector.codes.sorted { $0.rawValue < $1.rawValue }.map(\.name)
        let origins = FailureSelector.Origin.allCases.filter { selector.origins.contains($0) }.map(\.rawValue)
        add(path, (names + origins).isEmpty ? "nothing" : (names + origins).joined(separator: ", "))
    }

    mutating func add(_ path: String, _ backoff: Backoff?) {
        guard let backoff else { return add(path, String?.none) }
        switch backoff.growth {
        case .constant(let delay): add("\(path).constant.delay", delay)
        case .linear(let base, let step, let max):
            add("\(path).linear.base", base)
            add("\(path).linear.step", step)
            add("\(path).linear.max", max)
        case .exponential(let base, let factor, let max):
            add("\(path).exponential.base", base)
            add("\(path).exponential.factor", factor)
            add("\(path).exponential.max", max)
        }
        add("\(path).jitter", backoff.jitter.rawValue)
    }

    mutating func add(_ path: String, _ budget: RetryBudget.Configuration?, shared: String?) {
        switch budget?.limit {
        case nil: add(path, String?.none)
        case .share(let ratio, let minimumPerSecond, let window):
            add("\(path).ratio", ratio)
            add("\(path).minimumPerSecond", minimumPerSecond)
            add("\(path).window", window)
        case .grpcThrottle(let maxTokens, let tokenRatio):
            add("\(path).grpcThrottle.maxTokens", maxTokens)
            add("\(path).grpcThrottle.tokenRatio", tokenRatio)
        }
        if budget != nil { add("\(path).shared", shared) }
    }
}
