import HoldfastPolicyFiles
import Testing

@Suite("Policies around handlers: what cannot stand there")
struct ServerFollowerTests {
    private static let policies = """
        {"p":{"pipeline":[
          {"timeout":{"after":"1s"}},
          {"retry":{}},
          {"retry":{"name":"off","enabled":false}},
          {"hedge":{"after":"1s"}}],
          "fallback":[{"lastGood":{"maxAge":"1s"}}]},
         "unreached":{"pipeline":[{"retry":{}}]}}
        """

    @Test("Each retry, hedge and fallback of a routed policy is refused where it stands, in a first document and in a later one")
    func refused() async throws {
        let wrong = try document(Self.policies)
        let expected = [
            "3:12: policies.p.pipeline[1].retry: a retry cannot stand around a handler, which runs once; put it around the client's call",
            "5:12: policies.p.pipeline[3].hedge: a hedge cannot stand around a handler, which runs once; put it around the client's call",
            "6:14: policies.p.fallback: a fallback cannot stand around a handler; put it around the client's call",
        ].map { "f.json:\($0)" }
        let first = await #expect(throws: DocumentError.self) { _ = try await PolicyRegistry(wrong).serverInterceptor() }
        #expect(first?.diagnostics.map(\.description) == expected)
        #expect(first?.diagnostics.allSatisfy { $0.excerpt != nil } == true)

        let registry = try PolicyRegistry(document(#"{"p":{"pipeline":[{"timeout":{"after":"1s"}}]}}"#))
        let interceptor = try await registry.serverInterceptor()
        let later = await #expect(throws: DocumentError.self) { try await registry.apply(wrong) }
        #expect(later?.diagnostics.map(\.description) == expected)
        withExtendedLifetime(interceptor) {}
    }
}
