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

        /// Describes an error; the rate is from 0 to 1, the code not that of a success.
        public init(rate: Double, code: StatusCode = .unavailable, message: String = "") {
            self.rate = rate
            self.code = code
            self.message = message
        }
    }

    /// An answer in place of the call's.
    public struct Answer: Hashable, Sendable {
        /// The share of calls.
        public let rate: Double
        /// The response message in protobuf's JSON.
        public let json: String
        let location: SourceLocation

        /// Describes an answer; the rate is from 0 to 1.
        public init(rate: Double, json: String) {
            self.init(rate: rate, json: json, location: .code)
        }

        init(rate: Double, json: String, location: SourceLocation) {
            self.rate = rate
            self.json = json
            self.location = location
        }
    }

    /// The error that is injected; nil for none.
    public let fault: Fault?
    /// The wait that is injected; nil for none.
    public let latency: Chaos.Configuration.Latency?
    /// The answer that is injected; nil for none.
    public let outcome: Answer?
    /// Whether it injects from the beginning; false unless the file says otherwise.
    public let isEnabled: Bool

    /// Describes what is injected: at least one of the three.
    public init(
        fault: Fault? = nil, latency: Chaos.Configuration.Latency? = nil, outcome: Answer? = nil, isEnabled: Bool = false
    ) {
        self.fault = fault
        self.latency = latency
        self.outcome = outcome
        self.isEnabled = isEnabled
    }
}
