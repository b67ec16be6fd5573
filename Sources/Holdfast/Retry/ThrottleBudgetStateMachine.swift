/// gRPC's retry throttle: a bucket of tokens that failures empty and successes fill; retries go on while it is more than half full.
///
/// A switch, not a percentage. gRFC A6 (github.com/grpc/proposal, A6-client-retries.md, "Throttling Retry Attempts and Hedged RPCs").
struct ThrottleBudgetStateMachine: RawRepresentable, Equatable {
    private let bucket: TokenBucketWord

    var rawValue: UInt64 { bucket.rawValue }

    /// The state that a word stands for; nil for a word that no throttle has.
    init?(rawValue: UInt64) {
        guard let bucket = TokenBucketWord(rawValue: rawValue), bucket.kind == .throttle else { return nil }
        self.bucket = bucket
    }

    /// A full bucket. The settings are checked where configurations are made.
    init(maxTokens: Int, tokenRatio: Double) {
        bucket = TokenBucketWord(.throttle, maxTokens: maxTokens, inflow: tokenRatio)
    }

    private init(_ bucket: TokenBucketWord) {
        self.bucket = bucket
    }

    /// Thousandths of tokens in the bucket.
    var tokens: UInt64 { bucket.tokens }

    /// Whether a retry or a hedge may be made.
    var allowsRetry: Bool { bucket.tokens * 2 > bucket.max }

    /// The state after an attempt ended.
    func recording(failed: Bool) -> Self {
        Self(failed ? bucket.drained : bucket.filled)
    }

    /// The state under the settings of another throttle.
    func reconfigured(as new: Self) -> Self { Self(bucket.reconfigured(as: new.bucket)) }
}
