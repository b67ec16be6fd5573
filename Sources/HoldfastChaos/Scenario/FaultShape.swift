import Holdfast

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How a fault grows and fades while it is in force.
///
/// At any time it has a level from 0 to 1: the share of its probability, or of its magnitude, that holds then.
package struct FaultShape: Sendable, Hashable, Codable {
    /// What follows the level.
    package enum Subject: String, Sendable, Hashable, Codable, CaseIterable {
        /// How likely it is to hit.
        case probability
        /// How much it does: how long a delay is, how much capacity is lost, how much memory is held.
        case magnitude
    }

    /// Two levels, between which all curves but `points` move.
    package struct Levels: Sendable, Hashable, Codable {
        package var from: Double
        package var to: Double

        package init(from: Double = 0, to: Double = 1) {
            self.from = from
            self.to = to
        }
    }

    /// A level at a time from the beginning of the fault.
    package struct Point: Sendable, Hashable, Codable {
        package var at: Duration
        package var level: Double

        package init(at: Duration, level: Double) {
            self.at = at
            self.level = level
        }
    }

    package enum Curve: Sendable, Hashable, Codable {
        /// From one level to the other at once, so long after the fault began.
        case step(Levels, at: Duration)
        /// In a straight line, over all of the fault's time.
        case ramp(Levels)
        /// Up and down in straight lines, again and again.
        case triangle(Levels, period: Duration)
        /// Up and down as a sine does, beginning at the bottom.
        case sine(Levels, period: Duration)
        /// At the second level for this share of each period, then at the first.
        case square(Levels, period: Duration, share: Double)
        /// In straight lines from one point to the next; in order of time, never empty.
        case points([Point])
    }

    package var subject: Subject
    package var curve: Curve

    package init(_ subject: Subject, _ curve: Curve) {
        self.subject = subject
        self.curve = curve
    }

    /// The level at a time from the beginning of a fault that is in force for `duration`.
    package func level(at time: Duration, of duration: Duration) -> Double {
        switch curve {
        case .step(let levels, let at): time < at ? levels.from : levels.to
        case .ramp(let levels): levels.between(time / duration)
        case .triangle(let levels, let period):
            levels.between(1 - abs(1 - 2 * Self.position(time, in: period)))
        case .sine(let levels, let period):
            levels.between((1 - cos(2 * .pi * Self.position(time, in: period))) / 2)
        case .square(let levels, let period, let share): Self.position(time, in: period) < share ? levels.to : levels.from
        case .points(let points): Self.level(at: time, points)
        }
    }

    /// How far a time is into its period, 0..<1.
    private static func position(_ time: Duration, in period: Duration) -> Double {
        let periods = max(time / period, 0)
        return periods - periods.rounded(.down)
    }

    private static func level(at time: Duration, _ points: [Point]) -> Double {
        guard let next = points.firstIndex(where: { $0.at > time }) else { return points.last?.level ?? 1 }
        guard next > 0 else { return points[0].level }
        let (before, after) = (points[next - 1], points[next])
        return Levels(from: before.level, to: after.level).between((time - before.at) / (after.at - before.at))
    }
}

extension FaultShape.Levels {
    fileprivate func between(_ share: Double) -> Double {
        from + (to - from) * min(max(share, 0), 1)
    }
}

extension Duration {
    /// A share of it; the whole is itself, to the last digit.
    func scaled(to level: Double) -> Duration {
        level == 1 ? self : .nanoseconds(Int64(saturating: seconds * level * 1e9))
    }
}
