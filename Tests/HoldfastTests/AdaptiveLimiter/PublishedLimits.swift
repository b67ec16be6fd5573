import Foundation

@testable import Holdfast

/// The three algorithms as Netflix/concurrency-limits has them (`limit/AIMDLimit.java`, `limit/VegasLimit.java`,
/// `limit/Gradient2Limit.java`), statement by statement, with the rules of S70 for drops and our lower bound put in: the slow and
/// obviously right model of the property test.
struct PublishedLimits {
    let configuration: AdaptiveLimiter.Configuration
    private var estimated: Double
    private var rttNoLoad: Double = 0
    private var probeCount = 0
    private var probeJitter: Double
    private var samples: [Double] = []
    private var longRtt = 0.0
    private var random: RandomSource

    init(_ configuration: AdaptiveLimiter.Configuration, random: RandomSource) {
        self.configuration = configuration
        self.random = random
        estimated = Double(configuration.initial)
        probeJitter = 1
        if case .vegas = configuration.algorithm { resetProbeJitter() }
    }

    private mutating func resetProbeJitter() {
        probeJitter = 0.5 + random.uniform() / 2
    }

    private func log10(_ limit: Double) -> Double {
        max(1, Double(Int(Foundation.log10(Double(Int(limit))))))
    }

    private func amount(_ step: AdaptiveLimiter.Configuration.Step) -> Double {
        switch step {
        case .fixed(let calls): Double(calls)
        case .logarithmic(let times): Double(times) * log10(estimated)
        case .share(let share): share * estimated
        }
    }

    private func bounded(_ limit: Double) -> Double {
        max(Double(configuration.minimum), min(Double(configuration.maximum), limit))
    }

    mutating func sample(rtt: Double, inFlight: Int, didDrop: Bool) -> Int {
        switch configuration.algorithm {
        case .aimd(let aimd):
            if didDrop || rtt > Double(aimd.timeout.nanoseconds) {
                estimated = bounded((estimated * aimd.backoff).rounded(.down))
            } else if inFlight * 2 >= Int(estimated) {
                estimated = bounded(estimated + 1)
            }
        case .vegas(let vegas):
            vegasSample(vegas, rtt, inFlight, didDrop)
        case .gradient2(let gradient):
            gradientSample(gradient, rtt, inFlight, didDrop)
        }
        return Int(estimated)
    }

    private mutating func vegasSample(_ vegas: AdaptiveLimiter.Configuration.Vegas, _ rtt: Double, _ inFlight: Int, _ didDrop: Bool) {
        if !didDrop {
            if let every = vegas.probeEvery {
                probeCount += 1
                if probeJitter * Double(every) * estimated <= Double(probeCount) {
                    resetProbeJitter()
                    probeCount = 0
                    rttNoLoad = rtt
                    return
                }
            }
            if rttNoLoad == 0 || rtt < rttNoLoad {
                rttNoLoad = rtt
                return
            }
        }
        var newLimit = estimated
        let queueSize = ceil(estimated * (1 - rttNoLoad / rtt))
        if didDrop {
            newLimit -= amount(vegas.decrease)
        } else if Double(inFlight) * 2 < estimated {
            return
        } else if queueSize <= amount(vegas.threshold) {
            newLimit += amount(vegas.beta)
        } else if queueSize < amount(vegas.alpha) {
            newLimit += amount(vegas.increase)
        } else if queueSize > amount(vegas.beta) {
            newLimit -= amount(vegas.decrease)
        } else {
            return
        }
        estimated = (1 - vegas.smoothing) * estimated + vegas.smoothing * bounded(newLimit)
    }

    private mutating func gradientSample(
        _ gradient: AdaptiveLimiter.Configuration.Gradient2, _ rtt: Double, _ inFlight: Int, _ didDrop: Bool
    ) {
        if didDrop {
            estimated = bounded(estimated * (1 - gradient.smoothing) + estimated * gradient.backoff * gradient.smoothing)
            return
        }
        if samples.count < 10 {
            samples.append(rtt)
            longRtt = samples.reduce(0, +) / Double(samples.count)
        } else {
            let factor = 2 / Double(gradient.longWindow + 1)
            longRtt = longRtt * (1 - factor) + rtt * factor
        }
        let longRtt = longRtt
        if longRtt / rtt > 2 { self.longRtt = longRtt * 0.95 }
        if Double(inFlight) < estimated / 2 { return }
        let slope = max(0.5, min(1.0, gradient.tolerance * longRtt / rtt))
        var newLimit = estimated * slope + amount(gradient.queueSize)
        newLimit = estimated * (1 - gradient.smoothing) + newLimit * gradient.smoothing
        estimated = bounded(newLimit)
    }
}
