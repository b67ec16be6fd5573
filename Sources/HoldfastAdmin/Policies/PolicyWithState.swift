import Holdfast
import HoldfastPolicyFiles

/// A policy of which there is more to say than its settings and counters.
protocol PolicyWithState {
    /// How it stands now.
    var fields: [(String, JSONText)] { get }
}

extension CircuitBreaker: PolicyWithState {
    nonisolated var fields: [(String, JSONText)] {
        let now = snapshot()
        return [
            ("state", .string(now.state.rawValue)), ("explanation", .string(now.explanation)), ("calls", .integer(now.calls)),
            ("failed", .integer(now.failed)), ("slow", .integer(now.slow)), ("failureRate", .number(now.failureRate)),
            ("slowRate", .number(now.slowRate)), ("failuresInARow", .integer(now.failuresInARow)), ("openings", .integer(now.openings)),
            ("retryAfterMilliseconds", .milliseconds(now.retryAfter)), ("probesAvailable", .integer(now.probesAvailable)),
        ]
    }
}

extension RateLimiter: PolicyWithState {
    var fields: [(String, JSONText)] {
        // What is left of a quota that each key has for itself is no one number.
        let left: JSONText = key == .none ? .integer(available) : .null
        return [("available", left), ("queued", .integer(queued)), ("keys", .integer(keys))]
    }
}

extension Bulkhead: PolicyWithState {
    var fields: [(String, JSONText)] {
        [("running", .integer(running)), ("available", .integer(available)), ("queued", .integer(queued))]
    }
}

extension AdaptiveLimiter: PolicyWithState {
    var fields: [(String, JSONText)] {
        [("limit", .integer(limit)), ("running", .integer(inFlight)), ("queued", .integer(queued))]
    }
}

extension AdaptiveThrottle: PolicyWithState {
    var fields: [(String, JSONText)] { [("refusesWithProbability", .number((probability * 1e4).rounded() / 1e4))] }
}

extension LoadShedder: PolicyWithState {
    var fields: [(String, JSONText)] { controller.fields + [("running", .integer(inFlight))] }
}

extension DegradationController: PolicyWithState {
    var fields: [(String, JSONText)] {
        [("level", .string(level?.rawValue)), ("held", .bool(isHeld)), ("explanation", .string(explain()))]
    }
}

extension Retry: PolicyWithState {
    var fields: [(String, JSONText)] { [("budget", .number(budget.balance))] }
}

extension Hedge: PolicyWithState {
    var fields: [(String, JSONText)] { [("budget", .number(budget.balance))] }
}

extension Chaos: PolicyWithState {
    var fields: [(String, JSONText)] { [("enabled", .bool(isEnabled))] }
}
