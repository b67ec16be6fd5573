@testable import Holdfast

/// The rules of S34 read off the whole history at each step: the slow and obviously right model of the property test.
struct DegradationModel {
    private struct Entry {
        let at: Int64
        let count: Int
    }

    let hold: Int64
    let thresholds: [Pressure: (enter: Double, leave: Double)]
    /// Every change of how many criticalities are given up, oldest first.
    private var changes = [Entry(at: 0, count: 0)]
    private var isHeld = false
    private var releasedAt: Int64 = 0

    init(hold: Int64, thresholds: [Pressure: (enter: Double, leave: Double)]) {
        self.hold = hold
        self.thresholds = thresholds
    }

    var count: Int { changes.last!.count }

    mutating func observe(_ readings: [Pressure: Double], _ now: Int64) {
        guard !isHeld else { return }
        let age = now - max(changes.last!.at, releasedAt)
        let isPressed = thresholds.contains { pressure, limits in readings[pressure].map { $0 >= limits.enter } ?? false }
        let isCalm = thresholds.allSatisfy { pressure, limits in readings[pressure].map { $0 <= limits.leave } ?? true }
        if isPressed, count < 4, count == 0 || age >= hold / 10 { changes.append(Entry(at: now, count: count + 1)) }
        if isCalm, count > 0, age >= hold { changes.append(Entry(at: now, count: count - 1)) }
    }

    mutating func hold(at count: Int, _ now: Int64) {
        isHeld = true
        if count != self.count { changes.append(Entry(at: now, count: count)) }
    }

    mutating func release(_ now: Int64) {
        if isHeld { releasedAt = now }
        isHeld = false
    }
}
