public import Holdfast

/// What answers in place of a failed call, as its file describes it.
public struct FallbackDefinition: Hashable, Sendable {
    /// One way to answer.
    public struct Step: Hashable, Sendable {
        /// What a step does.
        public enum Action: Hashable, Sendable {
            /// The last good answer to the same request, not older than `maxAge`; at most `maxEntries` are kept.
            case lastGood(maxAge: Duration, maxEntries: Int)
            /// A fixed response message in protobuf's JSON.
            case value(json: String)
            /// Another server, registered in code under that name, within a time limit of its own.
            case target(endpoint: String, timeout: Duration?)
            /// A handler registered in code under that name.
            case handler(String)
        }

        /// What the step does.
        public let action: Action
        let location: SourceLocation
    }

    /// The name; `fallback` unless the file says otherwise.
    public let name: String
    /// The steps, tried in order; at least one.
    public let steps: [Step]
    /// Which failures are answered; nil for all but those that the caller is to blame for.
    public let on: FailureSelector?
    /// Whether concurrent calls with the same request share one run of a handler or target.
    public let singleFlight: Bool
    /// Whether it takes part.
    public let isEnabled: Bool
}
