import Holdfast

extension Backoff {
    /// Reads how long a retry waits; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let jitter = object.optional("jitter")?.oneOf([
            "none": Jitter.none, "full": .full, "equal": .equal, "decorrelated": .decorrelated,
        ])
        guard let choice = object.exactlyOne(of: ["constant", "linear", "exponential"]) else { return nil }
        switch choice.key {
        case "constant": return readConstant(choice.value, in: object, jitter ?? .full)
        case "linear": return readLinear(choice.value, in: object, jitter ?? .full)
        default: return readExponential(choice.value, in: object, jitter ?? .full)
        }
    }

    private static func readConstant(_ reader: ValueReader, in backoff: ObjectReader, _ jitter: Jitter) -> Self? {
        reader.unit("a delay") { object in
            guard let delay = object.required("delay")?.duration() else { return nil }
            return backoff.configuration(within: "backoff") { accepted throws(ConfigurationError) in
                try Self(.constant(delay: accepted("constant.delay", delay) ?? .zero), jitter: jitter)
            }
        }
    }

    private static func readLinear(_ reader: ValueReader, in backoff: ObjectReader, _ jitter: Jitter) -> Self? {
        reader.unit("a base, a step and a maximum") { object in
            let base = object.required("base")?.duration()
            let step = object.required("step")?.duration()
            let max = object.required("max")?.duration()
            guard let base, let step, let max else { return nil }
            return backoff.configuration(within: "backoff") { accepted throws(ConfigurationError) in
                let base = accepted("linear.base", base) ?? .nanoseconds(1)
                return try Self(
                    .linear(base: base, step: accepted("linear.step", step) ?? .zero, max: accepted("linear.max", max) ?? base),
                    jitter: jitter)
            }
        }
    }

    /// What a file leaves out is as in the standard backoff.
    private static func readExponential(_ reader: ValueReader, in backoff: ObjectReader, _ jitter: Jitter) -> Self? {
        reader.unit("a base, a factor and a maximum") { object in
            let base = object.optional("base").map { $0.duration() } ?? .milliseconds(100)
            let factor = object.optional("factor").map { $0.number() } ?? 2
            let max = object.optional("max").map { $0.duration() } ?? base.map { Swift.max(.seconds(2), $0) }
            guard let base, let factor, let max else { return nil }
            return backoff.configuration(within: "backoff") { accepted throws(ConfigurationError) in
                let base = accepted("exponential.base", base) ?? .nanoseconds(1)
                return try Self(
                    .exponential(
                        base: base, factor: accepted("exponential.factor", factor) ?? 1, max: accepted("exponential.max", max) ?? base),
                    jitter: jitter)
            }
        }
    }
}
