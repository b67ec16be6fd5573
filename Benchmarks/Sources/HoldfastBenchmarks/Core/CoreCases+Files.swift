import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

extension CoreCases {
    /// The pipeline of `Policies/say.json`, as a policy file makes it: total timeout, breaker, rate limiter, attempt timeout.
    static func files() throws -> [CoreCase] {
        [
            try pipeline("say.json, the operation keeps its deadline", .byOperation),
            try pipeline("say.json, the operation keeps its deadline, a listener", .byOperation, isHeard: true),
            try pipeline("say.json, the pipeline ends a late call", .byPipeline),
            try withFallback(),
        ]
    }

    private static func pipeline(
        _ name: String, _ enforcement: Pipeline.Enforcement, isHeard: Bool = false
    ) throws -> CoreCase {
        let route = try SayPolicies.route()
        if isHeard { for policy in route.policies { listen(to: policy) } }
        let pipeline = route.pipeline
        return CoreCase(name, .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await pipeline.run(enforcement: enforcement) { [value] _ in try await increment(value) }
            }
            return value
        }
    }

    /// The fallback remembers each answer, in case the next call fails.
    private static func withFallback() throws -> CoreCase {
        let route = try SayPolicies.route()
        guard let fallback = route.fallback else { throw BenchmarkError("\(SayPolicies.file.path) has no fallback to measure") }
        let key = RoutePolicy.FallbackKey(path: SayPolicies.path, request: Array(repeating: 0, count: 32))
        let answer = Array<UInt8>(repeating: 0, count: 32)
        return CoreCase("say.json with its fallback, the operation keeps its deadline", .around()) { count in
            var value = 0
            for _ in 0..<count {
                let before = value
                let reply = try await route.pipeline.run(key: key, fallback: fallback, enforcement: .byOperation) { _ in
                    _ = try await increment(before)
                    return answer
                }
                if case .main = reply.source { value += 1 }
            }
            return value
        }
    }
}
