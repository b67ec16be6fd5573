import Holdfast
import HoldfastRPC
import Testing

@Suite("Route tables")
struct RouteTableTests {
    private func route(_ name: String, _ stages: [Pipeline.Stage] = []) -> RoutePolicy {
        RoutePolicy(name: name, pipeline: Pipeline(name, stages))
    }

    @Test(
        "The most specific route applies; what is no path goes by the last",
        arguments: [
            ("/a.B/C", "method"), ("/a.B/D", "service"), ("/a.C/C", "rest"), ("/a.B", "rest"), ("a.B/C", "rest"), ("/", "rest"),
            ("//", "rest"),
            ("", "rest"), ("/a.B/C/D", "rest"), ("\u{E9}/C", "rest"),
        ])
    func paths(path: String, expected: String) {
        let table = RouteTable(methods: ["/a.B/C": route("method")], services: ["a.B": route("service")], rest: route("rest"))
        #expect(table.policy(for: path)?.name == expected)
    }

    @Test("All policies are listed, each once, two of one name too, and a server refuses each that cannot stand around a handler")
    func all() throws {
        let breaker = CircuitBreaker("b", try .init())
        let shared = route("p", [.gate(breaker)])
        let retrying = route("p", [.retry(try Retry("r", .init()))])
        let table = RouteTable(methods: ["/a.B/C": shared, "/a.B/D": retrying], services: ["a.B": shared], rest: route("q"))
        #expect(table.all.map { $0.policies.map(\.name) } == [["b"], ["r"], []])
        #expect(throws: ConfigurationError.self) { try ServerPolicies(table) }
    }
}
