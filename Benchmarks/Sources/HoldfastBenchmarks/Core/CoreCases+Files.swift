import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import Synchronization

extension CoreCases {
    /// The pipeline of `Policies/say.json`, as a policy file makes it: total timeout, breaker, rate limiter, attempt timeout.
    static func files() throws -> [CoreCase] {
        [
            try pipeline("say.json, the operation keeps its deadline", .byOperation),
            try pipeline("say.json, the operation keeps its deadline, a listener", .byOperation, isHeard: true),
            try pipeline("say.json, the pipeline ends a late call", .byPipeline),
            try withFallback(),
            reading("a policy file read and checked, each policy with ten routes") { bytes in
                try PolicyDocument(file: "benchmark.json", bytes: bytes).policies.count
            },
            reading("the same file read by JSONDecoder") { bytes in
                try JSONDecoder().decode(PlainPolicyFile.self, from: Data(bytes)).policies.count
            },
            try lookup(policies: 1),
            try lookup(policies: 1000),
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

    /// Reads files of at most a thousand policies; the time is that of one policy, so a thousandth of what such a file takes.
    private static func reading(_ name: String, _ read: @escaping @Sendable (_ bytes: [UInt8]) throws -> Int) -> CoreCase {
        let texts = Mutex<[Int: [UInt8]]>([:])
        return CoreCase(name, .alone) { count in
            var policies = 0
            while policies < count {
                let size = min(count - policies, 1000)
                let bytes = texts.withLock { texts in
                    let bytes = texts[size] ?? PolicyText.bytes(size)
                    texts[size] = bytes
                    return bytes
                }
                policies += try read(bytes)
            }
            return policies
        }
    }

    private static func lookup(policies: Int) throws -> CoreCase {
        let table = try PolicyDocument(file: "benchmark.json", bytes: PolicyText.bytes(policies)).makeRouteTable()
        let path = PolicyText.lastPath(policies)
        return CoreCase("a route looked up among \(policies * 10)", .alone) { count in
            var found = 0
            for _ in 0..<count where table.policy(for: path) != nil { found += 1 }
            return found
        }
    }
}
