import HoldfastPolicyFiles

extension ScenarioSchema {
    static let assertion = SectionShape(
        name: "assertion", summary: "One claim about how a run went.",
        members: [
            .required("id", name, "What it is called."),
            .required("role", .words(["gate", "during", "after"]), "What it is for."),
            .choice([
                .alternative(
                    "metric", .words(Metric.all.map(\.name)),
                    and: [
                        .optional("load", name, absent: "all together", "The load that it is taken of."),
                        .optional("phase", name, absent: "all measured phases", "The phase that it is taken over."),
                        .optional("is", bound, absent: "given by `recovers`", "What it is compared with."),
                        .optional("recovers", .object(recovery), absent: "not looked at", "When it comes back, and stays."),
                    ]),
                .alternative(
                    "breaker", .text, and: [.required("timeline", .someOf(.object(step)), "Its states, in order.")]),
                .alternative("invariant", .words(Invariant.allCases.map(\.rawValue))),
            ]),
        ])

    private static let bound = Shape.object(
        SectionShape(
            members: [
                .choice(Bound.Comparison.allCases.map { .alternative($0.rawValue, .anyOf([.number(.atLeast(0)), duration])) })
            ]))

    private static let recovery = SectionShape(
        members: [
            .required("is", bound, "What it is compared with."),
            .required("sustained", positiveDuration, "How long it must hold; at least 1s."),
            .required("within", duration, "How soon it must begin to."),
            .required("after", moment, "From when on that counts."),
        ])

    private static let step = SectionShape(
        members: [
            .required("state", .words(BreakerState.allCases.map(\.rawValue)), "The state."),
            .optional("within", positiveDuration, absent: "any time", "How soon it is reached."),
            .optional("after", moment, absent: "the step before", "From when on that counts."),
            .defaulted("atLeast", .integer(.within(1...1_000_000)), .integer(1), "How often it is reached."),
        ])
}
