/// gRPC's retry throttle: a bucket of tokens that failures empty and successes fill; retries go on while it is more than half full.
///
/// A switch, not a percentage. gRFC A6 (github.com/grpc/proposal, A6-client-retries.md, "Throttling Retry Attempts and Hedged RPCs");
/// tokens are counted in thousandths, as there. The whole state, with its two settings, is one 64-bit word, so that a
/// single compare-and-exchange makes every step of it exact, a new configuration included.
struct ThrottleBudgetStateMachine: RawRepresentable, Equatable {
    static let token: UInt64 = 1000

    /// Thousandths of tokens now, of the bucket's size and of a success, 20 bits each, from the lowest on.
    let rawValue: UInt64

    private static let bits: UInt64 = 20
    private static let mask: UInt64 = (1 << bits) - 1

    /// The state that a word stands for; nil for a word that no bucket has.
    init?(rawValue: UInt64) {
        guard rawValue >> (3 * Self.bits) == 0, (rawValue >> Self.bits) & Self.mask > 0 else { return nil }
        self.rawValue = rawValue
    }

    /// A full bucket. The settings are checked where configurations are made.
    init(maxTokens: Int, tokenRatio: Double) {
        let max = UInt64(maxTokens) * Self.token
        self.init(tokens: max, max: max, ratio: UInt64((tokenRatio * Double(Self.token)).rounded()))
    }

    private init(tokens: UInt64, max: UInt64, ratio: UInt64) {
        rawValue = tokens | max << Self.bits | ratio << (2 * Self.bits)
    }

    /// Thousandths of tokens in the bucket.
    var tokens: UInt64 { rawValue & Self.mask }
    private var max: UInt64 { (rawValue >> Self.bits) & Self.mask }
    private var ratio: UInt64 { rawValue >> (2 * Self.bits) }

    /// Whether a retry or a hedge may be made.
    var allowsRetry: Bool { tokens * 2 > max }

    /// The state after an attempt ended.
    func recording(failed: Bool) -> Self {
        let after = failed ? tokens - min(tokens, Self.token) : min(tokens + ratio, max)
        return Self(tokens: after, max: max, ratio: ratio)
    }

    /// The state under new settings: as full as it was, in proportion, as gRPC's C core does it.
    func reconfigured(maxTokens: Int, tokenRatio: Double) -> Self {
        let new = Self(maxTokens: maxTokens, tokenRatio: tokenRatio)
        return Self(tokens: tokens * new.max / max, max: new.max, ratio: new.ratio)
    }
}
