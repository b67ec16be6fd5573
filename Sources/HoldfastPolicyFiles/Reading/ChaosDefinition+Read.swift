import Holdfast

extension ChaosDefinition {
    /// Reads what a chaos policy injects; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let isEnabled = object.optional("enabled")?.bool() ?? false
        let fault = object.section("fault", "a rate and a status code") { readFault($0, in: object) }
        let latency = object.section("latency", "a rate and a delay") { readLatency($0, in: object) }
        let outcome = object.section("outcome", "a rate and a value") { readOutcome($0, in: object) }
        if !["fault", "latency", "outcome"].contains(where: { object.contains($0) }) {
            object.reader.fail("injects nothing; give at least one of \"fault\", \"latency\" or \"outcome\"")
        }
        return ChaosDefinition(fault: fault, latency: latency, outcome: outcome, isEnabled: isEnabled)
    }

    private static func readFault(_ object: ObjectReader, in chaos: ObjectReader) -> Fault? {
        let rate = object.required("rate")?.number()
        let code = object.optional("code").map { $0.statusCode() } ?? .unavailable
        let message = object.optional("message")?.string("what the error says") ?? ""
        if code == .ok { object.optional("code")?.fail("\"OK\" is no failure; name a code of one, or inject an \"outcome\"") }
        guard let rate, let code, code != .ok else { return nil }
        return chaos.configuration { accepted throws(ConfigurationError) in
            let rate = accepted("fault.rate", rate) ?? 0
            _ = try Chaos.Configuration.Fault(rate: rate, error: ChaosFault(code: code))
            return Fault(rate: rate, code: code, message: message)
        }
    }

    private static func readLatency(_ object: ObjectReader, in chaos: ObjectReader) -> Chaos.Configuration.Latency? {
        let rate = object.required("rate")?.number()
        let delay = object.required("delay")?.duration()
        guard let rate, let delay else { return nil }
        return chaos.configuration { accepted throws(ConfigurationError) in
            try .init(rate: accepted("latency.rate", rate) ?? 0, delay: accepted("latency.delay", delay) ?? .seconds(1))
        }
    }

    private static func readOutcome(_ object: ObjectReader, in chaos: ObjectReader) -> Answer? {
        let rate = object.required("rate")?.number()
        let value = object.required("value")
        guard let rate, let value else { return nil }
        return chaos.configuration { accepted throws(ConfigurationError) in
            let rate = accepted("outcome.rate", rate) ?? 0
            _ = try Chaos.Configuration.Outcome(rate: rate, value: 0)
            return Answer(rate: rate, json: value.node.jsonText, location: value.location)
        }
    }
}
