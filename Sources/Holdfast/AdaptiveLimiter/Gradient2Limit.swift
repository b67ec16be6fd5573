/// Gradient2: compares each round-trip time with a long exponential average, and shrinks the limit by how much it is above.
///
/// After `limit/Gradient2Limit.java` and `limit/measurement/ExpAvgMeasurement.java` in Netflix/concurrency-limits, one sample at
/// a time. The limit and the average are doubles, as there; callers see the limit rounded down. A drop, which Gradient2 has no
/// rule for, shrinks the limit as in `limit/GradientLimit.java`, and its time stays out of the average (S70).
struct Gradient2Limit {
    /// The average is a plain mean until so many samples are in.
    private static let warmUp = 10

    private var constants: AdaptiveLimiter.Configuration.Gradient2
    private(set) var estimate: Double
    /// The long average in nanoseconds.
    private var average = 0.0
    private var sum = 0.0
    private var warmUpSamples = 0

    init(_ constants: AdaptiveLimiter.Configuration.Gradient2, limit: Int) {
        self.constants = constants
        estimate = Double(limit)
    }

    mutating func sample(nanoseconds: Int64, inFlight: Int, didDrop: Bool, within range: ClosedRange<Int>) {
        if didDrop { return move(to: estimate * constants.backoff, within: range) }
        let actual = Double(nanoseconds)
        let normal = addToAverage(actual)
        // After a long overload the average is far too high; it comes down faster than by smoothing alone.
        if normal > 2 * actual { average = normal * 0.95 }
        guard Double(inFlight) >= estimate / 2 else { return }
        let gradient = max(0.5, min(1, constants.tolerance * normal / actual))
        move(to: estimate * gradient + constants.queueSize.calls(at: estimate), within: range)
    }

    private mutating func addToAverage(_ actual: Double) -> Double {
        if warmUpSamples < Self.warmUp {
            warmUpSamples += 1
            sum += actual
            average = sum / Double(warmUpSamples)
        } else {
            let factor = 2 / Double(constants.longWindow + 1)
            average = average * (1 - factor) + actual * factor
        }
        return average
    }

    /// Goes the smoothed share of the way to `target`.
    private mutating func move(to target: Double, within range: ClosedRange<Int>) {
        estimate = estimate * (1 - constants.smoothing) + target * constants.smoothing
        clamp(to: range)
    }

    mutating func reconfigure(_ new: AdaptiveLimiter.Configuration.Gradient2, within range: ClosedRange<Int>) {
        constants = new
        clamp(to: range)
    }

    private mutating func clamp(to range: ClosedRange<Int>) {
        estimate = min(max(estimate, Double(range.lowerBound)), Double(range.upperBound))
    }
}
