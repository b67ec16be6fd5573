import Testing

@testable import Holdfast

@Suite("Rate limiter: settings out of range")
struct RateLimiterConfigurationTests {
    typealias Algorithm = RateLimiter.Configuration.Algorithm

    private static let second = Algorithm.tokenBucket(permits: 1, per: .seconds(1), burst: 1)

    @Test(
        "S82: a rate outside its range is refused with the field, the value and the range",
        arguments: [
            (.tokenBucket(permits: 0, per: .seconds(1), burst: 1), "tokenBucket.permits: 0 is outside 1...1000000000"),
            (.tokenBucket(permits: .max, per: .seconds(1), burst: 1), "tokenBucket.permits: 9223372036854775807 is outside 1...1000000000"),
            (.tokenBucket(permits: 1, per: .seconds(-1), burst: 1), "tokenBucket.per: -1.0 seconds is not above zero"),
            (
                .tokenBucket(permits: 1, per: Duration(secondsComponent: 0, attosecondsComponent: 5), burst: 1),
                "tokenBucket.per: 5e-18 seconds is not above zero"
            ),
            (.tokenBucket(permits: 1, per: .seconds(1), burst: -1), "tokenBucket.burst: -1 is outside 1...1000000000"),
            (
                .tokenBucket(permits: 1, per: .seconds(1_000_000), burst: 1_000_000),
                "tokenBucket.burst: 1000000 saved up over periods of 1000000.0 seconds is more than can be counted"
            ),
            (.slidingWindow(permits: 0, per: .seconds(1)), "slidingWindow.permits: 0 is outside 1...1000000"),
            (.slidingWindow(permits: 1_000_001, per: .seconds(1)), "slidingWindow.permits: 1000001 is outside 1...1000000"),
            (.slidingWindow(permits: 1, per: .zero), "slidingWindow.per: 0.0 seconds is not above zero"),
            (.fixedWindow(permits: -5, per: .seconds(1)), "fixedWindow.permits: -5 is outside 1...1000000000"),
            (.fixedWindow(permits: 1, per: .zero), "fixedWindow.per: 0.0 seconds is not above zero"),
            (
                .fixedWindow(permits: 1, per: .seconds(1_000_000_000_000)),
                "fixedWindow.per: 1000000000000.0 seconds is longer than 36 years, more than can be counted"
            ),
            (.pacing(permits: 0, per: .seconds(1)), "pacing.permits: 0 is outside 1...1000000000"),
            (.pacing(permits: 1, per: .seconds(-3)), "pacing.per: -3.0 seconds is not above zero"),
        ] as [(Algorithm, String)])
    func algorithms(algorithm: Algorithm, error: String) {
        #expect { try RateLimiter.Configuration(algorithm) } throws: { "\($0)" == error }
    }

    @Test(
        "S82: a warm-up outside its range is refused",
        arguments: [
            (.zero, 0.5, "warmUp.over: 0.0 seconds is not above zero"),
            (.seconds(1), 0, "warmUp.from: 0.0 is not above 0 and at most 1"),
            (.seconds(1), 1.5, "warmUp.from: 1.5 is not above 0 and at most 1"),
            (.seconds(1), .nan, "warmUp.from: nan is not above 0 and at most 1"),
            (.seconds(1), -.infinity, "warmUp.from: -inf is not above 0 and at most 1"),
        ] as [(Duration, Double, String)])
    func warmUp(over: Duration, from: Double, error: String) {
        #expect { try RateLimiter.Configuration(Self.second, warmUp: .init(over: over, from: from)) } throws: { "\($0)" == error }
    }

    @Test("S82: a queue or keys outside their range are refused")
    func others() {
        #expect { try RateLimiter.Configuration(Self.second, maxWait: .seconds(-1)) } throws: {
            "\($0)" == "maxWait: -1.0 seconds is negative; give zero or more"
        }
        #expect { try RateLimiter.Configuration(Self.second, maxQueued: 1_000_001) } throws: {
            "\($0)" == "maxQueued: 1000001 is outside 0...1000000"
        }
        #expect { try RateLimiter.Configuration(Self.second, key: .method, maxKeys: 0) } throws: {
            "\($0)" == "maxKeys: 0 is outside 1...10000000"
        }
        #expect { try RateLimiter.Configuration(Self.second, key: .method, idleAfter: .zero) } throws: {
            "\($0)" == "idleAfter: 0.0 seconds is not above zero"
        }
        #expect { try RateLimiter.Configuration(Self.second, key: .metadata("")) } throws: {
            "\($0)" == "key.metadata: \"\" is empty; give a name"
        }
    }

    @Test(
        "Extreme settings that are in range decide without a trap",
        arguments: [
            .tokenBucket(permits: 1_000_000_000, per: .nanoseconds(1), burst: 1_000_000_000),
            .tokenBucket(permits: 999_999_937, per: .nanoseconds(999_999_929), burst: 1_000_000_000),
            .tokenBucket(permits: 1, per: .seconds(1_000_000_000), burst: 1),
            .slidingWindow(permits: 1, per: .seconds(1_000_000_000)), .fixedWindow(permits: 1, per: .seconds(1_000_000_000)),
            .fixedWindow(permits: 1, per: .nanoseconds(1)), .slidingWindow(permits: 1, per: .nanoseconds(1)),
            .pacing(permits: 1_000_000_000, per: .nanoseconds(1)), .pacing(permits: 1, per: .seconds(1_000_000_000)),
        ] as [Algorithm])
    func extremes(algorithm: Algorithm) throws {
        for warmUp in [nil, RateLimiter.Configuration.WarmUp(over: .seconds(1_000_000_000), from: 1e-300)] {
            let configuration = try RateLimiter.Configuration(algorithm, warmUp: warmUp, maxWait: .seconds(Int64.max), maxQueued: 10)
            for start in [.min, 0, .max - 1] as [Int64] {
                let script = LimiterScript(configuration, at: Instant(nanoseconds: start))
                for now in [start, 0, 1 << 61, .max, .min] as [Int64] {
                    let instant = Instant(nanoseconds: now)
                    for permits in [1, 2, .max] where script.acquire(permits, instant) == .mayWait { _ = script.join(permits, instant) }
                    _ = script.serve(Instant(nanoseconds: now))
                }
                script.reconfigure(try .init(.tokenBucket(permits: 3, per: .seconds(1), burst: 3)), at: 0)
                _ = script.serve(.distantFuture)
            }
        }
    }
}
