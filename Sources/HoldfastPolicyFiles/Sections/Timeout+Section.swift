import Holdfast

extension Timeout.Configuration: Sectioned {
    static let section = Section<Self>(
        "a timeout's settings", name: "timeout",
        summary: "Ends what is further in when it takes too long. Outside a retry it limits the call, inside it each attempt.",
        make: Self.init(after:onExpiry:idle:adaptive:)
    ) {
        Field.required(
            "after", .positiveDuration, standIn: DurationText.maximum, \.after, "How long a call or an attempt may take."
        )
        Field.defaulted(
            "onExpiry", .word, default: .wait, \.onExpiry,
            "Whether what is cancelled is waited for, or left behind (where a program runs it so)."
        )
        Field.optional("idle", .positiveDuration, absent: "none", \.idle, "How long a stream may be silent between two messages.")
        Field.optional(
            "adaptive", .section(adaptiveRule), absent: "never", \.adaptive, "Shortens `after` by the latencies that were measured.")
    }

    private static let adaptiveRule = Section<Adaptive>(
        "a quantile of the measured latency", make: Adaptive.init(quantile:factor:minimum:minimumSamples:)
    ) {
        Field.defaulted(
            "quantile", .number(.between(0, 1)), default: 0.99, \.quantile, "Which quantile of the latencies of successes is taken."
        )
        Field.defaulted("factor", .number(.atLeast(1)), default: 1.5, \.factor, "The limit is so many times the quantile.")
        Field.defaulted(
            "minimum", .positiveDuration, default: .milliseconds(1), \.minimum, "The limit is never shorter; at most `after`."
        )
        Field.defaulted(
            "minimumSamples", .integer(1...1_000_000), default: 100, \.minimumSamples,
            "Until so many successes were measured the limit is `after`.")
    }
}
