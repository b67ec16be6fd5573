/// When something began and ended, in nanoseconds of the clock that the policies read.
struct Lap: Sendable {
    var start: Int64
    var end: Int64

    var nanoseconds: Int64 { end - start }

    /// Which share of the time that any of them took all of them were under way.
    ///
    /// On a busy machine two tasks may well run one after the other, and then neither is disturbed by the other.
    static func shareTogether(_ laps: [Lap]) -> Double {
        guard let first = laps.map(\.start).min(), let last = laps.map(\.end).max(),
            let start = laps.map(\.start).max(), let end = laps.map(\.end).min()
        else { return 0 }
        return Double(end - start) / Double(max(last - first, 1))
    }
}
