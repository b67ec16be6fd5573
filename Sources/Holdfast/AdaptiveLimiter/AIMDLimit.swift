/// Additive increase, multiplicative decrease: one more as long as all goes well, a share less at each drop.
///
/// After `limit/AIMDLimit.java` in Netflix/concurrency-limits. The limit is a whole number, as there: a decrease rounds down, so
/// that each one is at least 1.
struct AIMDLimit {
    private var constants: AdaptiveLimiter.Configuration.AIMD
    private(set) var limit: Int

    init(_ constants: AdaptiveLimiter.Configuration.AIMD, limit: Int) {
        self.constants = constants
        self.limit = limit
    }

    mutating func sample(nanoseconds: Int64, inFlight: Int, didDrop: Bool, within range: ClosedRange<Int>) {
        if didDrop || nanoseconds > constants.nanoseconds {
            move(to: Int(Double(limit) * constants.backoff), within: range)
        } else if inFlight >= (limit + 1) / 2 {
            move(to: limit + 1, within: range)
        }
    }

    mutating func reconfigure(_ new: AdaptiveLimiter.Configuration.AIMD, within range: ClosedRange<Int>) {
        constants = new
        move(to: limit, within: range)
    }

    private mutating func move(to target: Int, within range: ClosedRange<Int>) {
        limit = min(max(target, range.lowerBound), range.upperBound)
    }
}
