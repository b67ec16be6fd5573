/// What a call needs of a hedge's settings when it starts, in one word, so that it is read whole without a lock.
struct HedgePlan: Equatable {
    /// The delay in nanoseconds above, the number of extra attempts in the lowest four bits; zero for no hedge.
    let word: UInt64

    /// No delay is known yet: the call is not hedged.
    static let none = HedgePlan(word: 0)

    init(word: UInt64) {
        self.word = word
    }

    /// - Parameters:
    ///   - delay: in nanoseconds; cut at 36 years.
    ///   - maxExtra: 1 to 10.
    init(delay: Int64, maxExtra: Int) {
        word = UInt64(min(max(delay, 0), 1 << 60 - 1)) << 4 | UInt64(maxExtra)
    }

    var delay: Int64 { Int64(word >> 4) }
    var maxExtra: Int { Int(word & 15) }
}
