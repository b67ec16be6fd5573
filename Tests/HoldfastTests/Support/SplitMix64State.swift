@testable import Holdfast

/// A sequence that depends on its seed alone, without a lock.
struct SplitMix64State: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 { SplitMix64.next(&state) }
}
