import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho
import Synchronization

extension CoreCases {
    /// What a reload costs those who call meanwhile: nothing that can be told from a call without one.
    static func reloads() throws -> [CoreCase] {
        [
            try calls("say.json by its route", every: nil),
            try calls("say.json by its route, another document each 100 ms", every: .milliseconds(100)),
            try reload(),
        ]
    }

    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// The document in force, and two that differ in the total timeout.
    private static func registry() throws -> (PolicyRegistry, [PolicyDocument]) {
        let documents = [try SayPolicies.document(total: "900ms"), try SayPolicies.document()]
        return (try PolicyRegistry(documents[1], options: PolicyOptions(methods: SayEchoMethods.all)), documents)
    }

    private static func calls(_ name: String, every interval: Duration?) throws -> CoreCase {
        let (registry, documents) = try registry()
        return CoreCase(name, .around()) { count in
            let isOver = Flag()
            async let reloads: Void = {
                guard let interval else { return }
                var number = 0
                while !isOver.isSet.load(ordering: .relaxed) {
                    try await registry.apply(documents[number % documents.count])
                    number += 1
                    try? await Task.sleep(for: interval)
                }
            }()
            var value = 0
            for _ in 0..<count {
                guard let pipeline = registry.policy(for: SayPolicies.path)?.pipeline else { return value }
                value = try await pipeline.run(enforcement: .byOperation) { [value] _ in try await increment(value) }
            }
            isOver.isSet.store(true, ordering: .relaxed)
            try await reloads
            return value
        }
    }

    private static func reload() throws -> CoreCase {
        let (registry, documents) = try registry()
        return CoreCase("one reload of say.json, with its diff", .alone) { count in
            for number in 0..<count { try await registry.apply(documents[number % documents.count]) }
            return count
        }
    }
}
