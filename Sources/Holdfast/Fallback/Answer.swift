/// A value together with where it came from.
public struct Answer<Value: Sendable>: Sendable {
    /// Where a value came from.
    public enum Source: Sendable {
        /// The operation itself answered.
        case main
        /// A fallback step answered in place of a failure.
        case fallback(step: String, failure: any Error)
    }

    /// The value.
    public let value: Value
    /// Where it came from.
    public let source: Source

    /// Makes an answer.
    public init(_ value: Value, from source: Source) {
        self.value = value
        self.source = source
    }

    /// Whether a fallback answered.
    public var isFallback: Bool {
        if case .fallback = source { true } else { false }
    }
}
