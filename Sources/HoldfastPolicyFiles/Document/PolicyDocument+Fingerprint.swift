extension PolicyDocument {
    /// Sixteen hexadecimal digits that tell documents apart, the same in every process: two programs with one fingerprint have the same
    /// policies in force, however their files are written. No protection against forgery.
    public var fingerprint: String {
        // FNV-1a: `Hasher` is seeded anew in each process.
        let hash = describe().utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
