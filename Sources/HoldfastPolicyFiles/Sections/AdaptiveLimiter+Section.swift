import Holdfast

extension AdaptiveLimiter.Configuration: Sectioned {
    static let section = Section<Self>(
        "an adaptive limiter's settings", name: "adaptiveLimiter", summary: "Limits calls at once, by a limit that follows the service.",
        make: Self.init(_:initial:minimum:maximum:maxQueued:drops:)
    ) {
        Field.choice(
            [
                Alternative("aimd", .section(aimd), standIn: AIMD(), "One more as long as all goes well, a share less at each drop.") {
                    .aimd($0)
                } match: {
                    if case .aimd(let constants) = $0 { constants } else { nil }
                },
                Alternative("vegas", .section(vegas), standIn: Vegas(), "By the length of the queue that round-trip times betray.") {
                    .vegas($0)
                } match: {
                    if case .vegas(let constants) = $0 { constants } else { nil }
                },
                Alternative(
                    "gradient2", .section(gradient2), standIn: Gradient2(),
                    "By the gradient of the round-trip time against its long average."
                ) {
                    .gradient2($0)
                } match: {
                    if case .gradient2(let constants) = $0 { constants } else { nil }
                },
            ], \.algorithm
        )
        Field.optional(
            "initial", .integer(1...1_000_000), absent: "20, or the nearest that fits", \.writtenInitial,
            "The limit to begin with, from `minimum` to `maximum`."
        )
        Field.defaulted("minimum", .integer(1...1_000_000), default: 4, standIn: 1, \.minimum, "The limit never falls below this.")
        Field.defaulted(
            "maximum", .integer(1...1_000_000), default: 1000, standIn: 1_000_000, \.maximum, "The limit never rises above this.")
        Field.defaulted("maxQueued", .integer(0...1_000_000), default: 0, \.maxQueued, "How many calls may wait at once.")
        Field.defaulted(
            "drops", .statusCodes, default: defaultDrops, \.drops, "The codes that are signs of overload, however quickly they came.")
    }

    private static let constants = "the constants of the algorithm; {} for the published ones"

    private static let aimd = Section<AIMD>(constants, make: AIMD.init(backoff:timeout:)) {
        Field.defaulted("backoff", .number(.from(0.5, below: 1)), default: 0.9, \.backoff, "What a drop multiplies the limit by.")
        Field.defaulted("timeout", .positiveDuration, default: .seconds(5), \.timeout, "An answer that took longer counts as a drop.")
    }

    private static let vegas = Section<Vegas>(constants, make: Vegas.init(alpha:beta:threshold:increase:decrease:smoothing:probeEvery:)) {
        Field.defaulted("alpha", step, default: .logarithmic(3), \.alpha, "A shorter queue lets the limit grow by `increase`.")
        Field.defaulted("beta", step, default: .logarithmic(6), \.beta, "A longer queue makes the limit shrink by `decrease`.")
        Field.defaulted("threshold", step, default: .logarithmic(1), \.threshold, "A queue up to this is none to speak of.")
        Field.defaulted("increase", step, default: .logarithmic(1), \.increase, "How much the limit grows at a time.")
        Field.defaulted("decrease", step, default: .logarithmic(1), \.decrease, "How much the limit shrinks at a time.")
        Field.defaulted("smoothing", .number(.above(0, upTo: 1)), default: 1, \.smoothing, "The share of each step that is taken.")
        Field.defaulted(
            "probeEvery", .nullable(.integer(1...1_000_000), null: "never"), default: 30, \.probeEvery,
            "The round-trip time without load is measured anew each so many times the limit in samples.")
    }

    private static let gradient2 = Section<Gradient2>(constants, make: Gradient2.init(queueSize:smoothing:longWindow:tolerance:backoff:)) {
        Field.defaulted("queueSize", step, default: .fixed(4), \.queueSize, "How far the limit may grow at a time.")
        Field.defaulted("smoothing", .number(.above(0, upTo: 1)), default: 0.2, \.smoothing, "The share of each step that is taken.")
        Field.defaulted(
            "longWindow", .integer(10...1_000_000), default: 600, \.longWindow,
            "How many samples the long average of the round-trip time covers."
        )
        Field.defaulted(
            "tolerance", .number(.within(1...10)), default: 1.5, \.tolerance,
            "A round-trip time is no sign of a queue until it exceeds the long average times this."
        )
        Field.defaulted("backoff", .number(.from(0.5, below: 1)), default: 0.9, \.backoff, "What a drop multiplies the limit by.")
    }

    /// An amount of calls: a number, or `{"logarithmic": 3}`, or `{"share": 0.1}` of the limit.
    private static let step = Form<Step>.either(
        .integer(0...1_000_000),
        or: Section<Step>("a number of calls by \"logarithmic\" or \"share\"") {
            Field.choice(
                [
                    Alternative(
                        "logarithmic", .integer(0...1_000_000), standIn: 1,
                        "So many times the whole part of the decimal logarithm of the limit."
                    ) {
                        .logarithmic($0)
                    } match: {
                        if case .logarithmic(let times) = $0 { times } else { nil }
                    },
                    Alternative("share", .rate, standIn: 1, "That share of the limit.") {
                        .share($0)
                    } match: {
                        if case .share(let share) = $0 { share } else { nil }
                    },
                ], \.self)
        } make: {
            $0
        }
    ) {
        .fixed($0)
    } match: {
        if case .fixed(let calls) = $0 { calls } else { nil }
    }

    private var writtenInitial: Int? { initial }
}
