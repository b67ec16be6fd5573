/// A value together with where it came from.
public struct Answer<Value: Sendable>: Sendable {
    /// The value.
    public let value: Value
    /// Where it came from.
    public let source: AnswerSource

    /// Makes an answer.
    public init(_ value: Value, from source: AnswerSource) {
        self.value = value
        self.source = source
    }
}

/// Where an answer came from.
public enum AnswerSource: Sendable {
    /// The operation itself answered.
    case main
    /// A fallback step answered in place of a failure.
    case fallback(step: String, failure: any Error)

    /// The fallback step that answered; nil when the operation did.
    public var fallbackStep: String? {
        if case .fallback(let step, _) = self { step } else { nil }
    }
}
