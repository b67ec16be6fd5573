import Holdfast

extension Backoff: Sectioned {
    static let section = Section<Self>("how the waits grow", name: "backoff", summary: "How long a retry waits.", within: "backoff") {
        Field.defaulted("jitter", .word, default: .full, \.jitter, "How much of the wait is drawn at random.")
        Field.choice(
            [
                Alternative("constant", .section(constantGrowth), "The same wait each time.") {
                    .constant(delay: $0)
                } match: {
                    if case .constant(let delay) = $0 { delay } else { nil }
                },
                Alternative("linear", .section(linearGrowth), "`base`, then `step` more each time.") {
                    .linear(base: $0.base, step: $0.step, max: $0.max)
                } match: {
                    if case .linear(let base, let step, let max) = $0 { Line(base: base, step: step, max: max) } else { nil }
                },
                Alternative("exponential", .section(exponentialGrowth), "`base`, then `factor` times as much each time.") {
                    .exponential(base: $0.base, factor: $0.factor, max: $0.max ?? Swift.max(.seconds(2), $0.base))
                } match: {
                    if case .exponential(let base, let factor, let max) = $0 {
                        Curve(base: base, factor: factor, max: max)
                    } else {
                        nil
                    }
                },
            ], \.growth)
    } make: { jitter, growth throws(ConfigurationError) in
        try Self(growth, jitter: jitter)
    }

    private struct Line {
        var base: Duration
        var step: Duration
        var max: Duration
    }

    private struct Curve {
        var base: Duration
        var factor: Double
        var max: Duration?
    }

    private static let constantGrowth = Section<Duration>("a delay") {
        Field.required("delay", .duration, standIn: .zero, \.self, "The wait.")
    } make: {
        $0
    }

    private static let linearGrowth = Section<Line>("a base, a step and a maximum", make: Line.init(base:step:max:)) {
        Field.required(
            "base", .duration, standIn: .nanoseconds(1), \.base, "The first wait; above zero with `decorrelated` jitter."
        )
        Field.required("step", .duration, standIn: .zero, \.step, "How much longer each further wait is.")
        Field.required("max", .duration, standIn: DurationText.maximum, \.max, "No wait is longer; at least `base`.")
    }

    private static let exponentialGrowth = Section<Curve>("a base, a factor and a maximum", make: Curve.init(base:factor:max:)) {
        Field.defaulted("base", .positiveDuration, default: .milliseconds(100), standIn: .nanoseconds(1), \.base, "The first wait.")
        Field.defaulted("factor", .number(.atLeast(1)), default: 2, \.factor, "How many times as long each further wait is.")
        Field.optional("max", .positiveDuration, absent: "2s, or `base` if that is longer", \.max, "No wait is longer; at least `base`.")
    }
}
