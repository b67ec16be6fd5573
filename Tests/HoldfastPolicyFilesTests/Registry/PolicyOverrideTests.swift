import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import Testing

@Suite("PolicyRegistry: what the program decides")
struct PolicyOverrideTests {
    private static let overrides: [PolicyOverride] = [
        .timeout("p/timeout") { old throws(ConfigurationError) in try .init(after: min(old.after, .seconds(2)), onExpiry: old.onExpiry) },
        .circuitBreaker("p/circuitBreaker") { old throws(ConfigurationError) in
            try .init(window: old.window, minimumCalls: old.minimumCalls, failureRate: 0.9)
        },
    ]

    @Test("An override sees what each document says, and is visible")
    func overrides() async throws {
        let breaker = #"{"circuitBreaker":{}}"#
        let registry = try PolicyRegistry(pipelineDocument(#"{"timeout":{"after":"1s"}},"# + breaker), overrides: Self.overrides)
        #expect(registry.overridden.changes.map(\.description) == ["~ p/circuitBreaker.failureRate: 0.5 -> 0.9"])
        let diff = try await registry.apply(pipelineDocument(#"{"timeout":{"after":"5s"}},{"circuitBreaker":{"failureRate":0.2}}"#))
        // Pinned by the program: no change for calls.
        #expect(diff.changes.map(\.description) == ["~ p/timeout.after: 1s -> 2s"])
        let timeout = try #require(registry.policy(for: "/a.B/C")).pipeline.stages[0].policy as? Timeout
        #expect(timeout?.configuration.after == .seconds(2))
        #expect(
            registry.description.contains(
                "the program overrides:\n  ~ p/timeout.after: 5s -> 2s\n  ~ p/circuitBreaker.failureRate: 0.2 -> 0.9"))
    }

    @Test("A shared gate is overridden for all that share it")
    func shared() throws {
        let bulkhead = #"{"bulkhead":{"shared":"s","maxConcurrent":9}}"#
        let registry = try PolicyRegistry(
            document("{\"p\":{\"pipeline\":[\(bulkhead)]},\"q\":{\"pipeline\":[\(bulkhead)]}}", routes: #"{"a.A/*":"p","*":"q"}"#),
            overrides: [.bulkhead("q/bulkhead") { _ throws(ConfigurationError) in try .init(maxConcurrent: 3) }])
        let gates = ["/a.A/M", "/b.B/M"].map { registry.policy(for: $0)?.pipeline.stages[0].policy as? Bulkhead }
        #expect(gates.map { $0?.configuration.maxConcurrent } == [3, 3] && gates[0] === gates[1])
    }

    @Test(
        "An override that fits nothing is an error of the document",
        arguments: [
            (PolicyOverride.bulkhead("p/timout") { $0 }, #"f.json: there is no element "p/timout" to override; did you mean "p/timeout"?"#),
            (
                PolicyOverride.bulkhead("p/timeout") { $0 },
                #"policies.p.pipeline[0].timeout: is a timeout, but the program overrides "p/timeout" as a bulkhead"#
            ),
            (
                PolicyOverride.timeout("p/timeout") { _ throws(ConfigurationError) in try .init(after: .zero) },
                "policies.p.pipeline[0].timeout: the program's override of it is wrong: after: 0.0 seconds is not above zero"
            ),
        ])
    func errors(override: PolicyOverride, message: String) throws {
        let document = try pipelineDocument(#"{"timeout":{"after":"1s"}}"#)
        let error = #expect(throws: DocumentError.self) { try PolicyRegistry(document, overrides: [override]) }
        #expect(error?.description.hasSuffix(message) == true, "\(String(describing: error))")
    }
}
