extension Fallback {
    /// One way to answer when the main path fails.
    public enum Step: Sendable {
        /// The last good answer for the same key, not older than `maxAge`; at most `maxEntries` are kept. Several such steps share
        /// one store, as large as the largest of them says: a young answer first, then another target, then an old answer.
        case lastGood(maxAge: Duration, maxEntries: Int = 1000)
        /// A fixed value.
        case value(Value)
        /// A value computed from the key and the failure; it may throw, and then the next step is tried.
        case handler(String, @Sendable (Key, any Error) async throws -> Value)
        /// Another way to the same answer, another server for instance, with a time limit of its own; nil for the caller's
        /// deadline only. Then the next step is tried. The closure is told its deadline.
        case target(String, timeout: Duration? = nil, @Sendable (Key, Call) async throws -> Value)

        /// The step's name in events and reports: `lastGood`, `value`, or the handler's or target's own.
        public var name: String {
            switch self {
            case .lastGood: "lastGood"
            case .value: "value"
            case .handler(let name, _), .target(let name, _, _): name
            }
        }
    }

    /// The settings of a fallback, checked when made.
    public struct Configuration: Sendable {
        /// The steps, tried in order.
        public let steps: [Step]
        /// Which failures are answered; nil for all but those the caller is to blame for.
        public let on: FailureSelector?
        /// Whether concurrent calls for one key share one run of a handler or target.
        public let singleFlight: Bool

        /// Makes a configuration.
        /// - Parameters:
        ///   - steps: at least one; ages and timeouts above zero, entries 1 to 10,000,000.
        ///   - on: which failures are answered; by default all that do not blame the caller.
        ///   - singleFlight: false by default. With it, a handler is told the failure of the call that came first.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(_ steps: [Step], on: FailureSelector? = nil, singleFlight: Bool = false) throws(ConfigurationError) {
            guard !steps.isEmpty else { throw ConfigurationError("steps", "[]", "has no step; give at least one") }
            for step in steps {
                switch step {
                case .lastGood(let maxAge, let maxEntries):
                    try Require.positive("lastGood.maxAge", maxAge)
                    try Require.within("lastGood.maxEntries", maxEntries, 1...10_000_000)
                case .target(_, let timeout?, _):
                    try Require.positive("target.timeout", timeout)
                case .target, .value, .handler:
                    break
                }
            }
            self.steps = steps
            self.on = on
            self.singleFlight = singleFlight
        }

        /// How many answers the `lastGood` steps keep; 0 without such a step.
        var maxEntries: Int {
            steps.reduce(0) { if case .lastGood(_, let maxEntries) = $1 { max($0, maxEntries) } else { $0 } }
        }
    }
}
