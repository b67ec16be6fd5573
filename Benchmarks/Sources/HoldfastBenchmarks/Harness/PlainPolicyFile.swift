import Foundation

/// What a plain `JSONDecoder` makes of a policy file of ``PolicyText``: every value, and no check of any.
struct PlainPolicyFile: Decodable {
    struct Policy: Decodable {
        var pipeline: [Element]
        var fallback: [Step]
    }

    struct Element: Decodable {
        var timeout: Timeout?
        var circuitBreaker: CircuitBreaker?
        var rateLimiter: RateLimiter?
    }

    struct Timeout: Decodable {
        var name: String
        var after: String
    }

    struct CircuitBreaker: Decodable {
        struct Window: Decodable {
            var time: String
        }

        struct SlowCalls: Decodable {
            var over: String
            var rate: Double
        }

        struct Open: Decodable {
            var `for`: String
            var max: String
            var jitter: Double
        }

        struct HalfOpen: Decodable {
            var probes: Int
            var lease: String
        }

        var window: Window
        var minimumCalls: Int
        var failureRate: Double
        var slowCalls: SlowCalls
        var open: Open
        var halfOpen: HalfOpen
    }

    struct RateLimiter: Decodable {
        struct TokenBucket: Decodable {
            var permits: Int
            var per: String
            var burst: Int
        }

        var tokenBucket: TokenBucket
        var maxWait: String
    }

    struct Step: Decodable {
        struct LastGood: Decodable {
            var maxAge: String
            var maxEntries: Int
        }

        var lastGood: LastGood
    }

    var version: Int
    var policies: [String: Policy]
    var routes: [String: String]
}
