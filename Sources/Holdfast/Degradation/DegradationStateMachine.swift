/// Which calls are given up under which pressure: a value, without a clock, a lock or a wait.
///
/// There are five levels: none, then up to and including `sheddable`, `sheddablePlus`, `critical` and `criticalPlus`. Any signal
/// at or above its `enter` raises the level by one, the first time at once and then every tenth of `hold`. When all signals are at
/// or below their `leave`, the level falls by one each time it has been held for `hold`, so calls come back in reverse order.
/// Between the two nothing moves (S34).
package struct DegradationStateMachine: Sendable {
    package enum Event: Hashable, Sendable {
        case levelChanged(from: Criticality?, to: Criticality?, because: String)
        case reconfigured
    }

    private typealias Threshold = DegradationController.Configuration.Threshold<Double>

    package private(set) var configuration: DegradationController.Configuration
    /// The most critical calls that are given up; nil for none.
    package private(set) var level: Criticality?
    /// Whether an operator holds the level.
    package private(set) var isHeld = false
    /// What happened since somebody took the events away, in order.
    package var events: [(Instant, Event)] = []
    /// The signals that count.
    private var thresholds: [(pressure: Pressure, threshold: Threshold)]
    /// Since when the level has been what it is.
    private var since: Instant
    private var readings: [Pressure: Double] = [:]
    private var latest: Instant

    package init(_ configuration: DegradationController.Configuration, now: Instant) {
        self.configuration = configuration
        thresholds = Self.thresholds(configuration)
        since = now
        latest = now
    }

    /// Learns what the signals say now; what is missing says nothing and counts as calm.
    package mutating func observe(_ new: [Pressure: Double], _ reading: Instant) {
        let now = moveClock(reading)
        readings = new
        guard !isHeld else { return }
        if let (pressure, value, threshold) = highest() {
            let mayRise = level == nil || since.duration(to: now) >= configuration.hold / 10
            guard mayRise, level != .criticalPlus else { return }
            move(to: level.above, now, because: "\(pressure.describe(value)), enters at \(pressure.amount(threshold.enter))")
        } else if level != nil, isCalm, leavesAt <= now {
            move(to: level.below, now, because: "every signal is at or below where it leaves")
        }
    }

    /// Holds the level by hand; nil gives no call up.
    package mutating func hold(at held: Criticality?, _ reading: Instant) {
        let now = moveClock(reading)
        isHeld = true
        if held != level { move(to: held, now, because: "held by hand") }
    }

    /// Gives control back to the signals, at the level it was held at.
    package mutating func release(_ reading: Instant) {
        let now = moveClock(reading)
        guard isHeld else { return }
        isHeld = false
        // The level counts as taken now, so that it is not left at the first calm reading.
        since = now
    }

    /// Puts new settings in force; the level stays and goes on from there.
    package mutating func reconfigure(_ new: DegradationController.Configuration, _ reading: Instant) {
        let now = moveClock(reading)
        configuration = new
        thresholds = Self.thresholds(new)
        readings = readings.filter { new.threshold($0.key) != nil }
        events.append((now, .reconfigured))
    }

    /// Before this the level is not left for a lower one; nil when there is none below, or an operator decides.
    package var leavesEarliest: Instant? {
        level == nil || isHeld ? nil : leavesAt
    }

    /// Says in a sentence why the level is what it is.
    package func explain(_ reading: Instant) -> String {
        let what = level.map { "calls up to \($0.rawValue) are refused" } ?? "no call is refused"
        if isHeld { return "\(what): held by hand until released" }
        let signals = thresholds.map { pressure, threshold in
            let now = readings[pressure].map(pressure.describe) ?? "\(pressure.rawValue) unknown"
            return "\(now) (enters at \(pressure.amount(threshold.enter)), leaves at \(pressure.amount(threshold.leave)))"
        }
        let sentence = "\(what): \(signals.joined(separator: ", "))"
        guard level != nil else { return sentence }
        let left = max(max(latest, reading).duration(to: leavesAt), .zero)
        return left > .zero ? "\(sentence); held for at least \(left) more" : sentence
    }

    // MARK: Decisions

    private var leavesAt: Instant { since.advanced(by: configuration.hold) }

    /// The first signal that is at or above where it enters.
    private func highest() -> (Pressure, Double, Threshold)? {
        for (pressure, threshold) in thresholds {
            if let value = readings[pressure], value >= threshold.enter { return (pressure, value, threshold) }
        }
        return nil
    }

    private var isCalm: Bool {
        thresholds.allSatisfy { pressure, threshold in readings[pressure].map { $0 <= threshold.leave } ?? true }
    }

    private static func thresholds(_ configuration: DegradationController.Configuration) -> [(pressure: Pressure, threshold: Threshold)] {
        Pressure.allCases.compactMap { pressure in configuration.threshold(pressure).map { (pressure, $0) } }
    }

    private mutating func move(to new: Criticality?, _ now: Instant, because reason: String) {
        events.append((now, .levelChanged(from: level, to: new, because: reason)))
        level = new
        since = now
    }

    private mutating func moveClock(_ reading: Instant) -> Instant {
        latest = max(latest, reading)
        return latest
    }
}

extension Criticality? {
    /// How many criticalities are given up: 0 to 4.
    package var shedCount: Int { self.map { $0.rank + 1 } ?? 0 }

    /// The level above; itself at the top.
    var above: Criticality? { Criticality.allCases[min(shedCount, Criticality.allCases.count - 1)] }

    /// The level below; nil at the bottom.
    var below: Criticality? { shedCount > 1 ? Criticality.allCases[shedCount - 2] : nil }
}
