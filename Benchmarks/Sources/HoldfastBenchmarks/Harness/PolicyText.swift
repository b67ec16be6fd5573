import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

/// A policy file of any size: policies such as that of the Say service, each with ten routes.
enum PolicyText {
    private static let routesOfEach = 10
    private static let policy = """
        { "pipeline": [
            { "timeout": { "name": "total", "after": "800ms" } },
            { "circuitBreaker": { "window": { "time": "4s" }, "minimumCalls": 20, "failureRate": 0.5, "slowCalls": { "over": "150ms", "rate": 0.8 },
                                  "open": { "for": "1s", "max": "5s", "jitter": 0.2 }, "halfOpen": { "probes": 3, "lease": "1s" } } },
            { "rateLimiter": { "tokenBucket": { "permits": 1000, "per": "1s", "burst": 100 }, "maxWait": "0ms" } },
            { "timeout": { "name": "attempt", "after": "200ms" } } ],
          "fallback": [ { "lastGood": { "maxAge": "30s", "maxEntries": 1000 } } ] }
        """

    /// The method that the last route of `count` policies is for.
    static func lastPath(_ count: Int) -> String { "/package.Service\(count - 1)/Method\(routesOfEach - 1)" }

    /// The file with so many policies.
    static func bytes(_ count: Int) -> [UInt8] {
        let policies = (0..<count).map { "\"p\($0)\": \(policy)" }
        let routes = (0..<count).flatMap { number in
            (0..<routesOfEach).map { "\"package.Service\(number)/Method\($0)\": \"p\(number)\"" }
        }
        let text = """
            { "version": 1,
              "policies": { \(policies.joined(separator: ",\n")) },
              "routes": { \(routes.joined(separator: ",\n")) } }
            """
        return Array(text.utf8)
    }
}
