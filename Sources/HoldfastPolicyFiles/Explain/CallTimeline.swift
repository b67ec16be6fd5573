/// What one call goes through, in the order of time.
public struct CallTimeline: Sendable {
    /// A part of the call.
    public struct Span: Hashable, Sendable {
        /// What happens in it.
        public enum Kind: Hashable, Sendable {
            /// The operation runs, for the time with that number, from 1.
            case attempt(Int)
            /// A retry waits before attempt `before`.
            case backoff(before: Int)
        }

        /// What happens.
        public let kind: Kind
        /// When it begins, from the beginning of the call.
        public let start: Duration
        /// When it ends; nil for never.
        public let end: Duration?
        /// How it ends, in a few words; empty for a backoff.
        public let outcome: String
    }

    /// The parts; those of a hedge overlap.
    public let spans: [Span]
    /// When the caller has the result; nil for never, and for a call that is not reckoned to its end.
    public let end: Duration?
    /// What the caller gets if no fallback answers; nil for an answer, and when there is no end.
    public let error: (any Error)?
    /// Whether it is reckoned to its end; one of more than 1000 attempts is not.
    public let isComplete: Bool

    /// How often the service is called.
    public var attempts: Int { spans.count { if case .attempt = $0.kind { true } else { false } } }
}
