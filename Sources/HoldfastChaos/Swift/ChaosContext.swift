public import Holdfast

/// What code under test is made with, for one variant of a scenario.
public final class ChaosContext: Sendable {
    /// The variant's name in the scenario.
    public let variant: String
    /// The run's clock, to be given to policies and to whatever else waits.
    public let timeSource: TimeSource
    /// Chance that belongs to the run's seed, the same for every variant.
    public let random: RandomSource
    let observed = Locked<[any Policy]>([])

    init(variant: String, timeSource: TimeSource, random: RandomSource) {
        self.variant = variant
        self.timeSource = timeSource
        self.random = random
    }

    /// Lets assertions follow the states of a breaker, by its name.
    public func observe(_ breaker: CircuitBreaker) {
        observed.withLock { $0.append(breaker) }
    }
}
