/// The arithmetic of SplitMix64, shared by seeded sequences and by draws keyed on a hash.
package enum SplitMix64 {
    /// Advances `state` and gives the next 64 bits.
    package static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return mix(state)
    }

    /// Spreads every input bit over all output bits; a bijection.
    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Maps 64 random bits to a double in 0..<1, every one of the 2^53 values equally likely.
    package static func unitInterval(_ bits: UInt64) -> Double {
        Double(bits >> 11) * 0x1p-53
    }
}
