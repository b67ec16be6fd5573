import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import Testing

@Suite("A breaker for each endpoint")
struct EndpointBreakerTests {
    private let breaker = #"{ "circuitBreaker": { "scope": "endpoint", "minimumCalls": 7 } }"#

    private func document(_ a: String, _ b: String = "{}", routes: String = #""x/*": "a", "*": "b""#) throws -> PolicyDocument {
        let text = #"{ "version": 1, "policies": { "a": \#(a), "b": \#(b) }, "routes": { \#(routes) } }"#
        return try PolicyDocument(file: "f", bytes: Array(text.utf8), environment: [:])
    }

    private func pipeline(_ elements: String...) -> String { #"{ "pipeline": [ \#(elements.joined(separator: ", ")) ] }"# }

    @Test("A client takes it, and leaves it out of the pipelines")
    func client() throws {
        let same = pipeline(#"{ "timeout": { "after": "1s" } }"#, breaker)
        var configuration = RPCClient.Configuration()
        try configuration.apply(document(same, same))
        #expect(try configuration.endpointBreaker == .init(minimumCalls: 7))
        #expect(configuration.policies.policy(for: "/x/Y")?.pipeline.stages.count == 1)
    }

    @Test("A document without one leaves the client the breaker that it has")
    func none() throws {
        var configuration = RPCClient.Configuration()
        configuration.endpointBreaker = try .init(minimumCalls: 3)
        try configuration.apply(document("{}"))
        #expect(try configuration.endpointBreaker == .init(minimumCalls: 3))
    }

    @Test("It is the same for all routes, since a client has one for each endpoint")
    func disagreement() throws {
        let other = pipeline(breaker.replacing("7", with: "8"))
        #expect(
            try message(document(pipeline(breaker), other))?.contains("differs from policies.a.pipeline[0].circuitBreaker on line 1")
                == true)
        #expect(try message(document(pipeline(breaker)))?.contains(#"but "b" has none"#) == true)
        #expect(try message(document(pipeline(breaker), routes: #""*": "a""#)) == nil)
    }

    @Test("Whoever makes no breakers for endpoints is told so")
    func others() throws {
        let document = try document(pipeline(breaker), routes: #""*": "a""#)
        let error = #expect(throws: DocumentError.self) { try document.makeRouteTable() }
        #expect(error?.diagnostics.first?.path == "policies.a.pipeline[0].circuitBreaker")
        #expect(try document.makeRouteTable(PolicyOptions(disabled: ["a/circuitBreaker"])).isEmpty == false)
    }

    private func message(_ document: PolicyDocument) throws -> String? {
        do {
            _ = try document.endpointBreaker()
            return nil
        } catch {
            return error.description
        }
    }
}
