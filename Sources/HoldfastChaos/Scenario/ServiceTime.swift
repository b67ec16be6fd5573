package import Holdfast

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How long a service works on a call, waiting for a worker not included.
package enum ServiceTime: Sendable, Hashable, Codable {
    /// The same for each call.
    case constant(Duration)
    /// Most calls near the median, a few much longer; `sigma` is the standard deviation of the logarithm.
    case lognormal(median: Duration, sigma: Double)
    /// Memoryless.
    case exponential(mean: Duration)

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
        case .exponential(let mean):
            return .nanoseconds(Int64(saturating: -mean.seconds * log(1 - first) * 1e9))
        }
    }
}
