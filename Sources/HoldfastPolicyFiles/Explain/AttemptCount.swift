/// How many attempts a call makes.
public struct AttemptCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// So many.
    public let count: Int
    /// Whether there are no more than that; a call of more than 1000 is not reckoned to its end.
    public let isExact: Bool

    init(_ timeline: CallTimeline) {
        (count, isExact) = (timeline.attempts, timeline.isComplete)
    }

    /// `4`, `more than 1000`.
    public var description: String { isExact ? "\(count)" : "more than \(count)" }

    /// Whether `lhs` is fewer; of more attempts than are reckoned it is not known how many.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.count != rhs.count ? lhs.count < rhs.count : lhs.isExact && !rhs.isExact
    }
}
