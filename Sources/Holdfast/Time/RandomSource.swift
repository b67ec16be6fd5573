/// The one source of chance that policies draw from: the system's, or a seeded sequence that repeats exactly.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private final class Seeded: Sendable {
        let state: Locked<UInt64>

        init(seed: UInt64) {
            state = Locked(seed)
        }
    }

    private let seeded: Seeded?

    private init(_ seeded: Seeded?) {
        self.seeded = seeded
    }

    /// Chance from the operating system.
    public static let system = RandomSource(nil)

    /// A sequence that depends on the seed alone; copies of the value share it.
    ///
    /// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014): 64 bits of state suffice
    /// for jitter and sampling, and any seed is a good one.
    public init(seed: UInt64) {
        self.init(Seeded(seed: seed))
    }

    /// The next 64 random bits.
    public func next() -> UInt64 {
        guard let seeded else {
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        return seeded.state.withLock { SplitMix64.next(&$0) }
    }

    /// A number drawn evenly from 0 up to, but not including, 1.
    public func uniform() -> Double {
        SplitMix64.unitInterval(next())
    }
}
