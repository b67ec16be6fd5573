package import Holdfast

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How long a service works on a call, waiting for a worker not included.
package indirect enum ServiceTime: Sendable, Hashable, Codable {
    /// The same for each call.
    case constant(Duration)
    /// Most calls near the median, a few much longer; `sigma` is the standard deviation of the logarithm.
    case lognormal(median: Duration, sigma: Double)
    /// Memoryless.
    case exponential(mean: Duration)
    /// Near the mean, as often above it as below; what would be below zero is zero.
    case normal(mean: Duration, deviation: Duration)
    /// Any between the two, one as likely as the other.
    case uniform(from: Duration, to: Duration)
    /// Each in its share of the calls; the shares sum to 1.
    case mixture([Part])

    /// One kind of calls among several.
    package struct Part: Sendable, Hashable, Codable {
        package var share: Double
        package var time: ServiceTime

        package init(share: Double, time: ServiceTime) {
            self.share = share
            self.time = time
        }
    }

    /// The time of one call; two numbers are drawn for each, whatever the distribution, so that changing it moves nothing else.
    package func sample(using random: RandomSource) -> Duration {
        let first = random.uniform()
        let second = random.uniform()
        switch self {
        case .constant(let time):
            return time
        case .lognormal(let median, let sigma):
            // Box and Muller's transform; 1 - u keeps the logarithm finite.
            let normal = (-2 * log(1 - first)).squareRoot() * cos(2 * .pi * second)
            return .nanoseconds(Int64(saturating: median.seconds * exp(sigma * normal) * 1e9))
        case .normal(let mean, let deviation):
            let normal = (-2 * log(1 - first)).squareRoot() * cos(2 * .pi * second)
            return .nanoseconds(Int64(saturating: max(0, mean.seconds + deviation.seconds * normal) * 1e9))
        case .uniform(let from, let to):
            return .nanoseconds(Int64(saturating: (from.seconds + (to.seconds - from.seconds) * first) * 1e9))
        case .mixture(let parts):
            var rest = first
            for part in parts.dropLast() {
                if rest < part.share { return part.time.sample(using: random) }
                rest -= part.share
            }
            return parts.last?.time.sample(using: random) ?? .zero
        case .exponential(let mean):
            return .nanoseconds(Int64(saturating: -mean.seconds * log(1 - first) * 1e9))
        }
    }
}
