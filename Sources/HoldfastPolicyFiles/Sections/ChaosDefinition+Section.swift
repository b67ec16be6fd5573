import Holdfast

extension ChaosDefinition: Sectioned {
    static let section = Section<Self>(
        "what is injected", name: "chaos",
        summary: "Injects faults, waits and answers, to see what the other policies do. Off unless it is enabled."
    ) {
        Field.defaulted(
            "enabled", .bool, default: false, \.isEnabled, "Whether it injects from the beginning. One that is off can be switched on."
        )
        Field.optional("fault", .section(faultSection), absent: "none", \.fault, "An error in place of the call.")
        Field.optional("latency", .section(latencySection), absent: "none", \.latency, "A wait before the call.")
        Field.optional("outcome", .section(outcomeSection), absent: "none", \.outcome, "An answer in place of the call's.")
    } make: { isEnabled, fault, latency, outcome throws(ConfigurationError) in
        guard fault != nil || latency != nil || outcome != nil else {
            throw ConfigurationError("", "", "injects nothing; give at least one of \"fault\", \"latency\" or \"outcome\"")
        }
        return ChaosDefinition(fault: fault, latency: latency, outcome: outcome, isEnabled: isEnabled)
    }

    private static let faultSection = Section<Fault>("a rate and a status code", within: "fault") {
        Field.required("rate", .rate, standIn: 0, \.rate, "The share of calls.")
        Field.defaulted("code", .failureCode, default: .unavailable, \.code, "How they seem to end; not `OK`.")
        Field.optional("message", .text("what the error says"), absent: "nothing", \.words, "What their error says besides.")
    } make: { rate, code, message throws(ConfigurationError) in
        guard code != .ok else {
            throw ConfigurationError("fault.code", code, "is no failure; name a code of one, or inject an \"outcome\"")
        }
        _ = try Chaos.Configuration.Fault(rate: rate, error: ChaosFault(code: code))
        return Fault(rate: rate, code: code, message: message ?? "")
    }

    private static let latencySection = Section<Chaos.Configuration.Latency>(
        "a rate and a delay", within: "latency", make: Chaos.Configuration.Latency.init(rate:delay:)
    ) {
        Field.required("rate", .rate, standIn: 0, \.rate, "The share of calls.")
        Field.required("delay", .positiveDuration, standIn: .seconds(1), \.delay, "How long they wait.")
    }

    private static let outcomeSection = Section<Answer>("a rate and a value", within: "outcome") {
        Field.required("rate", .rate, standIn: 0, \.rate, "The share of calls.")
        Field.required(
            "value", .located(.json), \.value, "The response message in protobuf's JSON.")
    } make: { rate, value throws(ConfigurationError) in
        _ = try Chaos.Configuration.Outcome(rate: rate, value: 0)
        return Answer(rate: rate, json: value.value, location: value.location)
    }
}

extension ChaosDefinition.Fault {
    fileprivate var words: String? { message.isEmpty ? nil : message }
}

extension ChaosDefinition.Answer {
    fileprivate var value: Located<String> { Located(value: json, location: location) }
}
