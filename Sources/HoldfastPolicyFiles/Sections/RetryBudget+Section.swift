import Holdfast

extension RetryBudget.Configuration: Sectioned {
    /// A retry's; what it leaves out is as in the standard budget.
    static let section = makeSection(name: "retryBudget", ratio: 0.2)

    /// - Parameter ratio: the share of the calls that holds where a file says nothing.
    static func makeSection(name: String, ratio: Double) -> Section<Self> {
        Section(
            "a share of the calls, a token bucket or gRPC's throttle; null for no budget", name: name,
            summary:
                "Limits further attempts of all calls together: a share of the calls within a window and a few a second besides, a bucket of tokens that calls fill, or gRPC's throttle.",
            within: "budget"
        ) {
            Field.choice(
                [
                    Alternative(
                        "grpcThrottle", .section(throttle),
                        "gRPC's throttle (gRFC A6): further attempts while more than half of the tokens are left."
                    ) {
                        .grpcThrottle(maxTokens: $0.maxTokens, tokenRatio: $0.tokenRatio)
                    } match: {
                        if case .grpcThrottle(let maxTokens, let tokenRatio) = $0 {
                            Throttle(maxTokens: maxTokens, tokenRatio: tokenRatio)
                        } else {
                            nil
                        }
                    },
                    Alternative(
                        "tokenBucket", .section(bucket),
                        "A bucket of tokens that calls fill; a further attempt takes a whole token, and is made only while there is more than one."
                    ) {
                        .tokenBucket(maxTokens: $0.maxTokens, tokensPerCall: $0.tokensPerCall)
                    } match: {
                        if case .tokenBucket(let maxTokens, let tokensPerCall) = $0 {
                            Bucket(maxTokens: maxTokens, tokensPerCall: tokensPerCall)
                        } else {
                            nil
                        }
                    },
                    Alternative(nil, share(ratio: ratio)) {
                        .share(ratio: $0.ratio, minimumPerSecond: $0.minimumPerSecond, window: $0.window)
                    } match: {
                        if case .share(let ratio, let minimum, let window) = $0 {
                            Share(ratio: ratio, minimumPerSecond: minimum, window: window)
                        } else {
                            nil
                        }
                    },
                ], \.limit)
        } make: { limit throws(ConfigurationError) in
            try Self(limit)
        }
    }

    private struct Throttle {
        var maxTokens: Int
        var tokenRatio: Double
    }

    private struct Bucket {
        var maxTokens: Int
        var tokensPerCall: Double
    }

    private struct Share {
        var ratio: Double
        var minimumPerSecond: Double
        var window: Duration
    }

    private static let throttle = Section<Throttle>("a number of tokens and a ratio", make: Throttle.init(maxTokens:tokenRatio:)) {
        Field.required("maxTokens", .integer(1...1000), standIn: 1, \.maxTokens, "How many tokens there are; a failure takes one.")
        Field.required("tokenRatio", .number(.within(0.001...1000)), standIn: 1, \.tokenRatio, "How many tokens a success gives back.")
    }

    private static let bucket = Section<Bucket>(
        "a number of tokens and a part of one for each call", make: Bucket.init(maxTokens:tokensPerCall:)
    ) {
        Field.required("maxTokens", .integer(2...1000), standIn: 2, \.maxTokens, "How many tokens there are, at the start too.")
        Field.required("tokensPerCall", .number(.within(0.001...1000)), standIn: 1, \.tokensPerCall, "How many tokens a call puts in.")
    }

    private static func share(ratio: Double) -> Section<Share> {
        Section("a share of the calls", make: Share.init(ratio:minimumPerSecond:window:)) {
            Field.defaulted(
                "ratio", .number(.within(0...100)), default: ratio, \.ratio, "How many further attempts there may be for each call.")
            Field.defaulted(
                "minimumPerSecond", .number(.within(0...1_000_000)), default: 3, \.minimumPerSecond,
                "How many there may be besides, a second."
            )
            Field.defaulted(
                "window", .duration(.within(Duration.milliseconds(100) ... .seconds(86_400))), default: .seconds(10), \.window,
                "How far back calls are counted.")
        }
    }
}
