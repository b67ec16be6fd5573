import Holdfast

extension FallbackDefinition {
    /// Reads a fallback: a list of steps, or an object with the steps and what holds for all of them.
    static func read(_ reader: ValueReader, names: inout ElementNames) -> FallbackDefinition? {
        guard reader.isObject else {
            let name = names.name(nil, of: .fallback, at: reader)
            return read(steps: reader, name: name, on: nil, singleFlight: false, isEnabled: true)
        }
        return reader.unit("steps") { object in
            let name = names.name(object.optional("name"), of: .fallback, at: reader)
            let isEnabled = object.optional("enabled")?.bool() ?? true
            let on = object.optional("on")?.failureSelector()
            let singleFlight = object.optional("singleFlight")?.bool() ?? false
            return object.required("steps").flatMap {
                read(steps: $0, name: name, on: on, singleFlight: singleFlight, isEnabled: isEnabled)
            }
        }
    }

    private static func read(
        steps reader: ValueReader, name: String, on: FailureSelector?, singleFlight: Bool, isEnabled: Bool
    ) -> FallbackDefinition? {
        guard let readers = reader.array("fallback steps") else { return nil }
        if readers.isEmpty { reader.fail("a fallback needs at least one step; remove it if nothing shall answer") }
        var steps: [Step] = []
        for reader in readers {
            if case .value = steps.last?.action { reader.warn("this step is never tried, because the value before it always answers") }
            if let step = reader.unit("one step by its kind", readStep) { steps.append(step) }
        }
        return FallbackDefinition(name: name, steps: steps, on: on, singleFlight: singleFlight, isEnabled: isEnabled)
    }

    private static func readStep(_ object: ObjectReader) -> Step? {
        guard let choice = object.exactlyOne(of: ["lastGood", "target", "value", "handler"]) else { return nil }
        let action: Step.Action? =
            switch choice.key {
            case "lastGood": readLastGood(choice.value, in: object)
            case "target": readTarget(choice.value, in: object)
            case "value": .value(json: choice.value.node.jsonText)
            default: choice.value.string("the name of a handler").map { .handler($0) }
            }
        return action.map { Step(action: $0, location: choice.value.location) }
    }

    private static func readLastGood(_ reader: ValueReader, in step: ObjectReader) -> Step.Action? {
        reader.unit("an age and a number of entries") { object in
            let maxAge = object.required("maxAge")?.duration()
            let maxEntries = object.optional("maxEntries")?.integer()
            guard let maxAge else { return nil }
            // The ranges are the core's business; they do not depend on what the answers are.
            return step.configuration { accepted throws(ConfigurationError) in
                let maxAge = accepted("lastGood.maxAge", maxAge) ?? .seconds(1)
                let maxEntries = accepted("lastGood.maxEntries", maxEntries) ?? 1000
                _ = try Fallback<String, String>.Configuration([.lastGood(maxAge: maxAge, maxEntries: maxEntries)])
                return .lastGood(maxAge: maxAge, maxEntries: maxEntries)
            }
        }
    }

    private static func readTarget(_ reader: ValueReader, in step: ObjectReader) -> Step.Action? {
        reader.unit("the name of an endpoint") { object in
            let endpoint = object.required("endpoint")?.string("the name of an endpoint")
            let timeout = object.optional("timeout")?.duration()
            guard let endpoint else { return nil }
            return step.configuration { accepted throws(ConfigurationError) in
                let timeout = accepted("target.timeout", timeout)
                _ = try Fallback<String, String>.Configuration([.target(endpoint, timeout: timeout) { key, _ in key }])
                return .target(endpoint: endpoint, timeout: timeout)
            }
        }
    }
}
