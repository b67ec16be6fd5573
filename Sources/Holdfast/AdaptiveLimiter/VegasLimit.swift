/// Vegas: compares the round-trip time with the shortest one seen, reckons how many calls must be queueing, and keeps that number
/// between two bounds.
///
/// After `limit/VegasLimit.java` in Netflix/concurrency-limits: queue = limit x (1 - shortest / actual), rounded up. The limit is a
/// double that callers see rounded down, as there; it differs from there in what a drop is: it always shrinks the limit, and
/// its time, which measures how soon the service gave up, never becomes the shortest (S70).
struct VegasLimit {
    private var constants: AdaptiveLimiter.Configuration.Vegas
    private(set) var estimate: Double
    /// The shortest round-trip time since the last probe; zero before the first sample.
    private var shortest: Int64 = 0
    private var samplesSinceProbe = 0
    /// Spreads the probes of many limiters: the next one comes after this share of the interval.
    private var probeJitter: Double

    init(_ constants: AdaptiveLimiter.Configuration.Vegas, limit: Int, random: inout some RandomNumberGenerator) {
        self.constants = constants
        estimate = Double(limit)
        probeJitter = Self.jitter(&random)
    }

    mutating func sample(
        nanoseconds: Int64, inFlight: Int, didDrop: Bool, within range: ClosedRange<Int>, random: inout some RandomNumberGenerator
    ) {
        if didDrop { return move(to: estimate - constants.decrease.calls(at: estimate), within: range) }
        if let every = constants.probeEvery {
            samplesSinceProbe += 1
            if probeJitter * Double(every) * estimate <= Double(samplesSinceProbe) {
                probeJitter = Self.jitter(&random)
                samplesSinceProbe = 0
                shortest = nanoseconds
                return
            }
        }
        if shortest == 0 || nanoseconds < shortest {
            shortest = nanoseconds
            return
        }
        guard Double(inFlight) * 2 >= estimate else { return }
        let queue = (estimate * (1 - Double(shortest) / Double(nanoseconds))).rounded(.up)
        if queue <= constants.threshold.calls(at: estimate) {
            move(to: estimate + constants.beta.calls(at: estimate), within: range)
        } else if queue < constants.alpha.calls(at: estimate) {
            move(to: estimate + constants.increase.calls(at: estimate), within: range)
        } else if queue > constants.beta.calls(at: estimate) {
            move(to: estimate - constants.decrease.calls(at: estimate), within: range)
        }
    }

    /// Goes the smoothed share of the way to `target`.
    private mutating func move(to target: Double, within range: ClosedRange<Int>) {
        let bounded = min(max(target, Double(range.lowerBound)), Double(range.upperBound))
        estimate = (1 - constants.smoothing) * estimate + constants.smoothing * bounded
    }

    mutating func reconfigure(_ new: AdaptiveLimiter.Configuration.Vegas, within range: ClosedRange<Int>) {
        constants = new
        clamp(to: range)
    }

    private mutating func clamp(to range: ClosedRange<Int>) {
        estimate = min(max(estimate, Double(range.lowerBound)), Double(range.upperBound))
    }

    private static func jitter(_ random: inout some RandomNumberGenerator) -> Double {
        0.5 + 0.5 * SplitMix64.unitInterval(random.next())
    }
}
