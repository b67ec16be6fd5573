/// A scenario as traces of `holdfast policy replay`, and what their lines must say.
struct ConvertedScenario {
    struct Expectation {
        /// The step of the trace.
        let step: Int
        /// The key of the scenario, for the message.
        let key: String
        /// What the line says, in the scenario's terms; nil for null.
        let actual: @Sendable (JSONObject) -> String?
        /// What it must say.
        let expected: String?
    }

    struct Trace {
        let json: String
        let expectations: [Expectation]
    }

    var traces: [Trace]
}
