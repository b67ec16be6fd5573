package import Holdfast

/// Chance that depends on what it is asked for and not on when: equal keys give equal numbers.
///
/// A stream of one generator moves every later draw when one more is taken; here each draw has its own key, so that adding a
/// fault, a load or a variant leaves all others where they were.
package struct KeyedRandom: Sendable, Hashable {
    private var state: UInt64

    /// Starts a key with the run's seed.
    package init(seed: UInt64) {
        state = SplitMix64.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// The key lengthened by a name.
    package func keyed(_ name: String) -> KeyedRandom {
        // FNV-1a: `Hasher` is seeded anew in each process and would give each run another story.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return keyed(bits: hash)
    }

    /// The key lengthened by a number.
    package func keyed(_ number: Int) -> KeyedRandom {
        keyed(bits: UInt64(bitPattern: Int64(number)))
    }

    private func keyed(bits: UInt64) -> KeyedRandom {
        var longer = self
        longer.state = SplitMix64.mix((state ^ SplitMix64.mix(bits)) &+ 0x9E37_79B9_7F4A_7C15)
        return longer
    }

    /// The number in 0..<1 that belongs to this key.
    package var uniform: Double {
        SplitMix64.unitInterval(state)
    }

    /// A sequence of numbers that belongs to this key.
    package var sequence: RandomSource {
        RandomSource(seed: state)
    }
}
