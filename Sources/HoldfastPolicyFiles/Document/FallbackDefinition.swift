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

        /// Describes a step.
        public init(_ action: Action) {
            self.init(action: action, location: .code)
        }

        init(action: Action, location: SourceLocation) {
            self.action = action
            self.location = location
        }
    }

    /// The name; `fallback` unless the file says otherwise.
    public let name: String
    /// The steps, tried in order; at least one.
    public let steps: [Step]
    /// Which failures are answered; nil for all but those that the caller is to blame for.
    public let on: FailureSelector?
    /// Whether concurrent calls with the same request share one run of a handler or target.
    public let singleFlight: Bool
    /// The metadata that answers depend on besides the request, in lower case; empty if there is none, nil if nothing was said about
    /// it, which means the same but is doubted. See ``HoldfastRPC/RoutePolicy/fallbackMetadata``.
    public let metadata: Set<String>?
    /// Whether it takes part.
    public let isEnabled: Bool
    package let location: SourceLocation

    /// Describes a fallback of at least one step.
    public init(
        _ steps: [Step], name: String = "fallback", on: FailureSelector? = nil, singleFlight: Bool = false, metadata: Set<String>? = nil,
        isEnabled: Bool = true
    ) {
        self.init(
            name: name, steps: steps, on: on, singleFlight: singleFlight, metadata: metadata.map { Set($0.map { $0.lowercased() }) },
            isEnabled: isEnabled, location: .code)
    }

    init(
        name: String, steps: [Step], on: FailureSelector?, singleFlight: Bool, metadata: Set<String>?, isEnabled: Bool,
        location: SourceLocation
    ) {
        self.name = name
        self.steps = steps
        self.on = on
        self.singleFlight = singleFlight
        self.metadata = metadata
        self.isEnabled = isEnabled
        self.location = location
    }
}
