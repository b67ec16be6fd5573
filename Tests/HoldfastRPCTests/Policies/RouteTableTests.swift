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

    @Test("Each of many routes is found under its own path and no other, whatever the lengths of the paths", arguments: [1, 2, 7, 3000])
    func many(count: Int) {
        // One letter more each time up to sixteen, so that every length around the words of a hash occurs.
        let paths = (0..<count).map { "/\(String(repeating: "s", count: $0 % 16)).S/M\($0)" }
        let table = RouteTable(
            methods: Dictionary(uniqueKeysWithValues: paths.map { ($0, route($0)) }), services: ["a": route("a"), "": route("none")])
        for path in paths {
            #expect(table.policy(for: path)?.name == path)
            #expect(table.policy(for: path + "x")?.name == nil)
        }
        #expect(table.policy(for: "/a/M")?.name == "a" && table.policy(for: "//M")?.name == "none")
        #expect(table.all.count == count + 2)
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
