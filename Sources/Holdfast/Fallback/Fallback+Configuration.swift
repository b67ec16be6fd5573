extension Fallback {
    /// One way to answer when the main path fails.
    public enum Step: Sendable {
        /// The last good answer for the same key, not older than `maxAge`; at most `maxEntries` are kept.
        case lastGood(maxAge: Duration, maxEntries: Int = 1000)
        /// A fixed value.
        case value(Value)
        /// A value computed from the key and the failure; it may throw, and then the next step is tried.
        case handler(String, @Sendable (Key, any Error) async throws -> Value)

        /// The step's name in events and reports: `lastGood`, `value`, or the handler's own.
        public var name: String {
            switch self {
            case .lastGood: "lastGood"
            case .value: "value"
            case .handler(let name, _): name
            }
        }
    }

    /// The settings of a fallback, checked when made.
    public struct Configuration: Sendable {
        /// The steps, tried in order.
        public let steps: [Step]
        /// Which failures are answered; nil for all but those the caller is to blame for.
        public let on: FailureSelector?

        /// Makes a configuration.
        /// - Parameters:
        ///   - steps: at least one; ages above zero, entries 1 to 10,000,000.
        ///   - on: which failures are answered; by default all that do not blame the caller.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(_ steps: [Step], on: FailureSelector? = nil) throws(ConfigurationError) {
            guard !steps.isEmpty else { throw ConfigurationError("steps", "[]", "has no step; give at least one") }
            for step in steps {
                guard case .lastGood(let maxAge, let maxEntries) = step else { continue }
                try Require.positive("lastGood.maxAge", maxAge)
                try Require.within("lastGood.maxEntries", maxEntries, 1...10_000_000)
            }
            self.steps = steps
            self.on = on
        }
    }
}
