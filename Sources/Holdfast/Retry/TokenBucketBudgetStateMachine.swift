/// A bucket that every call puts a part of a token into, and every retry takes a whole one from.
///
/// In the long run it allows that part of the calls as retries, and at once what it holds; it needs no clock. Marc Brooker, "Fixing
/// retries with token buckets and circuit breakers" (2022), brooker.co.za/blog/2022/02/28/retries.html.
struct TokenBucketBudgetStateMachine: RawRepresentable, Equatable {
    private let bucket: TokenBucketWord

    var rawValue: UInt64 { bucket.rawValue }

    /// The state that a word stands for; nil for a word that no such bucket has.
    init?(rawValue: UInt64) {
        guard let bucket = TokenBucketWord(rawValue: rawValue), bucket.kind == .bucket else { return nil }
        self.bucket = bucket
    }

    /// A full bucket. The settings are checked where configurations are made.
    init(maxTokens: Int, tokensPerCall: Double) {
        bucket = TokenBucketWord(.bucket, maxTokens: maxTokens, inflow: tokensPerCall)
    }

    private init(_ bucket: TokenBucketWord) {
        self.bucket = bucket
    }

    /// The state after a call began.
    var calling: Self { Self(bucket.filled) }

    /// The state after a retry, which needs more than one token; nil if there are not so many.
    var retrying: Self? { bucket.tokens > TokenBucketWord.token ? Self(bucket.drained) : nil }

    /// The state under the settings of another bucket.
    func reconfigured(as new: Self) -> Self { Self(bucket.reconfigured(as: new.bucket)) }
}
