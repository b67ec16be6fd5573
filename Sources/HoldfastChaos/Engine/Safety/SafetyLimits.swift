import Holdfast
import HoldfastPolicyFiles

/// What no run may exceed, whatever its scenario says.
package struct SafetyLimits: Sendable, Hashable {
    /// The longest time that a run may take on this machine's clock, all its variants together.
    package var time: Duration
    /// The most calls that it may make in a second, all its loads together; in virtual time there is no such limit.
    package var callsPerSecond: Int

    package init(time: Duration = .seconds(3600), callsPerSecond: Int = 10_000) {
        self.time = time
        self.callsPerSecond = callsPerSecond
    }

    /// What a scenario asks for that its run would have to be stopped for, in words; nil for one that keeps to the limits.
    func excess(of scenario: Scenario) -> String? {
        let needed = scenario.timeline.end * scenario.variants.count
        if needed > time {
            return "it takes \(DurationText.format(needed)), and a run may take \(DurationText.format(time)); raise --max-time"
        }
        let rate = scenario.load.reduce(0.0) { $0 + $1.arrival.highestRate }
        if rate > Double(callsPerSecond) {
            return "it asks for \(Int(rate)) calls a second, and a run may make \(callsPerSecond); raise --max-rate"
        }
        return nil
    }
}

extension Arrival {
    /// The most calls a second that it asks for; 0 for one that does not say.
    fileprivate var highestRate: Double {
        switch self {
        case .open(_, let rate): rate.map(\.callsPerSecond).max() ?? 0
        case .trace, .closed: 0
        }
    }
}
