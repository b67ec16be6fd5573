import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho

extension CoreCases {
    /// What a reload costs those who call meanwhile: nothing that can be told from a call without one.
    static func reloads() throws -> [CoreCase] {
        [
            try calls("say.json by its route", whileReloading: false),
            try calls("say.json by its route, while documents are reloaded one after the other", whileReloading: true),
            try reload(),
        ]
    }

    /// The document in force, and two that differ in the total timeout.
    private static func registry() throws -> (PolicyRegistry, [PolicyDocument]) {
        let documents = [try SayPolicies.document(total: "900ms"), try SayPolicies.document()]
        return (try PolicyRegistry(documents[1], options: PolicyOptions(methods: SayEchoMethods.all)), documents)
    }

    /// - Parameter whileReloading: whether another task puts documents in force all the time; it takes one of the processors, so with two
    ///   tasks of callers it takes their time too.
    private static func calls(_ name: String, whileReloading: Bool) throws -> CoreCase {
        let (registry, documents) = try registry()
        return CoreCase(name, .around()) { count in
            let reloads = Task {
                var number = 0
                while whileReloading, !Task.isCancelled {
                    try await registry.apply(documents[number % documents.count])
                    number += 1
                }
            }
            // Nobody waits for the last one: that would be measured with the calls.
            defer { reloads.cancel() }
            var value = 0
            for _ in 0..<count {
                guard let pipeline = registry.policy(for: SayPolicies.path)?.pipeline else { return value }
                value = try await pipeline.run(enforcement: .byOperation) { [value] _ in try await increment(value) }
            }
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
