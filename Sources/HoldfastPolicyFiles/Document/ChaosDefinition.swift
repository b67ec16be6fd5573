public import Holdfast

/// What a chaos policy injects, as its file describes it.
public struct ChaosDefinition: Hashable, Sendable {
    /// An error in place of the call.
    public struct Fault: Hashable, Sendable {
        /// The share of calls.
        public let rate: Double
        /// How they seem to end.
        public let code: StatusCode
        /// What their error says besides; empty for nothing.
        public let message: String
    }

    /// An answer in place of the call's.
    public struct Answer: Hashable, Sendable {
        /// The share of calls.
        public let rate: Double
        /// The response message in protobuf's JSON.
        public let json: String
        let location: SourceLocation
    }

    /// The error that is injected; nil for none.
    public let fault: Fault?
    /// The wait that is injected; nil for none.
    public let latency: Chaos.Configuration.Latency?
    /// The answer that is injected; nil for none.
    public let outcome: Answer?
    /// Whether it injects from the beginning; false unless the file says otherwise.
    public let isEnabled: Bool
}
