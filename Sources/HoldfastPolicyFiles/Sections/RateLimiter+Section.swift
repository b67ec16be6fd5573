import Holdfast

extension RateLimiter.Configuration: Sectioned {
    static let section = Section<Self>(
        "a rate limiter's settings", name: "rateLimiter", summary: "Limits how many calls start per time.",
        make: Self.init(_:warmUp:maxWait:maxQueued:key:maxKeys:idleAfter:)
    ) {
        Field.choice(
            [
                Alternative("tokenBucket", .section(bucket), "Permits flow in evenly; a burst of them can be saved up.") {
                    .tokenBucket(permits: $0.permits, per: $0.per, burst: $0.burst)
                } match: {
                    if case .tokenBucket(let permits, let per, let burst) = $0 { Rate(permits, per, burst: burst) } else { nil }
                },
                Alternative(
                    "slidingWindow", .section(rate(upTo: 1_000_000)), "At most so many permits in any period, exactly."
                ) {
                    .slidingWindow(permits: $0.permits, per: $0.per)
                } match: {
                    if case .slidingWindow(let permits, let per) = $0 { Rate(permits, per) } else { nil }
                },
                Alternative("fixedWindow", .section(rate(upTo: 1_000_000_000)), "At most so many permits in each period.") {
                    .fixedWindow(permits: $0.permits, per: $0.per)
                } match: {
                    if case .fixedWindow(let permits, let per) = $0 { Rate(permits, per) } else { nil }
                },
                Alternative("pacing", .section(rate(upTo: 1_000_000_000)), "Permits come evenly spaced; nothing is saved up.") {
                    .pacing(permits: $0.permits, per: $0.per)
                } match: {
                    if case .pacing(let permits, let per) = $0 { Rate(permits, per) } else { nil }
                },
            ], \.algorithm
        )
        Field.optional(
            "warmUp", .section(warmUpRule), absent: "the full rate from the first call on", \.warmUp,
            "How the rate grows while the service is cold."
        )
        Field.defaulted("maxWait", .duration, default: .zero, \.maxWait, "How long a call may wait for its permit.")
        Field.defaulted("maxQueued", .integer(0...1_000_000), default: 0, \.maxQueued, "How many calls may wait at once, for each key.")
        Field.defaulted(
            "key", keyForm, default: Key.none, \.key,
            "Which calls share a quota: all, or those to one method, of one peer, or with one value of some metadata."
        )
        Field.defaulted("maxKeys", .integer(1...10_000_000), default: 10_000, \.maxKeys, "How many keys are remembered.")
        Field.defaulted(
            "idleAfter", .positiveDuration, default: .seconds(600), \.idleAfter, "A key that nobody asked for this long is forgotten.")
    }

    private struct Rate {
        var permits: Int
        var per: Duration
        var burst: Int

        init(_ permits: Int, _ per: Duration, burst: Int = 1) {
            (self.permits, self.per, self.burst) = (permits, per, burst)
        }
    }

    private static let bucket = Section<Rate>("permits, a period and a burst") {
        Field.required("permits", .integer(1...1_000_000_000), standIn: 1, \.permits, "How many permits flow in.")
        Field.required("per", .positiveDuration, standIn: .seconds(1), \.per, "The time in which they do.")
        Field.required("burst", .integer(1...1_000_000_000), standIn: 1, \.burst, "How many can be saved up.")
    } make: {
        Rate($0, $1, burst: $2)
    }

    private static func rate(upTo limit: Int) -> Section<Rate> {
        Section("permits and a period") {
            Field.required("permits", .integer(1...limit), standIn: 1, \.permits, "How many permits there are.")
            Field.required("per", .positiveDuration, standIn: .seconds(1), \.per, "The period.")
        } make: {
            Rate($0, $1)
        }
    }

    private static let warmUpRule = Section<WarmUp>("how the rate grows", make: WarmUp.init(over:from:)) {
        Field.required("over", .positiveDuration, standIn: .seconds(1), \.over, "How long it takes to reach the full rate.")
        Field.required("from", .number(.above(0, upTo: 1)), standIn: 1, \.from, "The share of the rate that it begins with.")
    }

    private static let keyForm = Form<Key>.either(
        .word(["none": Key.none, "method": .method, "peer": .peer]),
        or: Section<Key>("a key of metadata") {
            Field.required("metadata", .metadataKey, \.metadataName, "The key of the metadata.")
        } make: {
            .metadata($0)
        }
    ) {
        $0
    } match: {
        $0.metadata == nil ? $0 : nil
    }
}

extension RateLimiter.Configuration.Key {
    fileprivate var metadata: String? {
        if case .metadata(let name) = self { name } else { nil }
    }

    fileprivate var metadataName: String { metadata ?? "" }
}
