import Holdfast

extension FallbackDefinition.Step {
    private typealias Checked = Fallback<String, String>.Configuration

    /// How a document writes a step: an object with its kind as the only key.
    static let form = Form<Self>(object.shape) { reader in
        object.read(reader).map { FallbackDefinition.Step(action: $0, location: reader.onlyMember.location) }
    } write: { step, style in
        object.write(step.action, style)
    }

    private static let object = Form<Action>.section(
        Section("one step by its kind", name: "fallbackStep", summary: "One way to answer in place of a failed call.") {
            Field.choice(
                [
                    Alternative(
                        "lastGood", .section(lastGood), "The last good answer to the same request."
                    ) {
                        .lastGood(maxAge: $0.maxAge, maxEntries: $0.maxEntries)
                    } match: {
                        if case .lastGood(let maxAge, let maxEntries) = $0 { LastGood(maxAge: maxAge, maxEntries: maxEntries) } else { nil }
                    },
                    Alternative("target", .section(target), "Another server, which the program knows by a name.") {
                        .target(endpoint: $0.endpoint, timeout: $0.timeout)
                    } match: {
                        if case .target(let endpoint, let timeout) = $0 { Target(endpoint: endpoint, timeout: timeout) } else { nil }
                    },
                    Alternative(
                        "value", .json,
                        "A fixed response message in protobuf's JSON. It must fit the methods that are routed to the policy."
                    ) {
                        .value(json: $0)
                    } match: {
                        if case .value(let json) = $0 { json } else { nil }
                    },
                    Alternative("handler", .text("the name of a handler"), "A handler that the program knows by that name.") {
                        .handler($0)
                    } match: {
                        if case .handler(let name) = $0 { name } else { nil }
                    },
                ], \.self)
        } make: {
            $0
        })

    private struct LastGood {
        var maxAge: Duration
        var maxEntries: Int
    }

    private static let lastGood = Section<LastGood>("an age and a number of entries", within: "lastGood") {
        Field.required("maxAge", .positiveDuration, standIn: .seconds(1), \.maxAge, "No older answer is given.")
        Field.defaulted("maxEntries", .integer(1...10_000_000), default: 1000, \.maxEntries, "How many answers are kept.")
    } make: { maxAge, maxEntries throws(ConfigurationError) in
        // The core checks the ranges; they do not depend on what the answers are.
        _ = try Checked([.lastGood(maxAge: maxAge, maxEntries: maxEntries)])
        return LastGood(maxAge: maxAge, maxEntries: maxEntries)
    }

    private struct Target {
        var endpoint: String
        var timeout: Duration?
    }

    private static let target = Section<Target>("the name of an endpoint", within: "target") {
        Field.required("endpoint", .text("the name of an endpoint"), \.endpoint, "The server's name in the program.")
        Field.optional("timeout", .positiveDuration, absent: "the caller's deadline", \.timeout, "How long it may take.")
    } make: { endpoint, timeout throws(ConfigurationError) in
        _ = try Checked([.target(endpoint, timeout: timeout) { key, _ in key }])
        return Target(endpoint: endpoint, timeout: timeout)
    }
}
