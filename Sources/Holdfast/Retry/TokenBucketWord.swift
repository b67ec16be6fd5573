/// A bucket of tokens as one 64-bit word, settings included, so that a single compare-and-exchange makes every step of it exact.
///
/// Tokens are counted in thousandths, as gRPC's throttle does.
struct TokenBucketWord: RawRepresentable, Equatable {
    /// Who fills the bucket and who empties it.
    enum Kind: UInt64 {
        /// Successes and failures: ``ThrottleBudgetStateMachine``.
        case throttle
        /// Calls and retries: ``TokenBucketBudgetStateMachine``.
        case bucket
    }

    static let token: UInt64 = 1000

    /// Thousandths of tokens now, of the bucket's size and of what goes in at a time, 20 bits each, from the lowest on; then the kind.
    let rawValue: UInt64

    private static let bits: UInt64 = 20
    private static let mask: UInt64 = (1 << bits) - 1

    /// The state that a word stands for; nil for a word that no bucket has.
    init?(rawValue: UInt64) {
        guard Kind(rawValue: rawValue >> (3 * Self.bits)) != nil, (rawValue >> Self.bits) & Self.mask > 0 else { return nil }
        self.rawValue = rawValue
    }

    /// A full bucket. The settings are checked where configurations are made.
    init(_ kind: Kind, maxTokens: Int, inflow: Double) {
        let max = UInt64(maxTokens) * Self.token
        self.init(kind, tokens: max, max: max, inflow: UInt64((inflow * Double(Self.token)).rounded()))
    }

    private init(_ kind: Kind, tokens: UInt64, max: UInt64, inflow: UInt64) {
        rawValue = tokens | max << Self.bits | inflow << (2 * Self.bits) | kind.rawValue << (3 * Self.bits)
    }

    var kind: Kind { Kind(rawValue: rawValue >> (3 * Self.bits)) ?? .throttle }
    /// Thousandths of tokens in the bucket.
    var tokens: UInt64 { rawValue & Self.mask }
    /// Its size.
    var max: UInt64 { (rawValue >> Self.bits) & Self.mask }
    private var inflow: UInt64 { (rawValue >> (2 * Self.bits)) & Self.mask }

    /// The state after something went in.
    var filled: Self { with(tokens: min(tokens + inflow, max)) }

    /// The state after a token was taken out, as far as there was one.
    var drained: Self { with(tokens: tokens - min(tokens, Self.token)) }

    /// The state under the settings of another bucket: as full as it was, in proportion, as gRPC's C core does it.
    func reconfigured(as new: Self) -> Self { new.with(tokens: tokens * new.max / max) }

    private func with(tokens: UInt64) -> Self { Self(kind, tokens: tokens, max: max, inflow: inflow) }
}
