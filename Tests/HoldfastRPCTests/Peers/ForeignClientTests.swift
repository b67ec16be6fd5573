import Foundation
import Holdfast
import HoldfastRPC
import SayEcho
import Testing

@Suite("grpcio calls our servers", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"))
struct ForeignClientTests {
    private static let expected: [(check: String, value: String)] = [
        ("say", #""[{\"kitty\":\"hello world!\"}]""#),
        ("say, awkward", #"[{"a \"quoted\" name\n":"back\\slash \u0001 naïve"}]"#),
        ("say, long", "1000013"),
        ("echo", #"["a!","b!","c!"]"#),
        ("stream", #"["hello there!","hello there!","hello there!","hello there!","hello there!"]"#),
        ("heartbeats", "[1]"),
        ("unary", #"["HELLO","something","all"]"#),
        ("server streaming", #"["one","two","three"]"#),
        ("client streaming", #""a b""#),
        ("bidirectional", #"["X","Y"]"#),
        ("status", #"["NOT_FOUND","100% naïve"]"#),
        ("deadline", #""DEADLINE_EXCEEDED""#),
        ("unknown method", #"["UNIMPLEMENTED","there is no method \/no.Such\/Method"]"#),
        ("invalid UTF-8", #""INTERNAL""#),
        ("too long", #""RESOURCE_EXHAUSTED""#),
        ("compressed", #""OK""#),
        ("after a cancellation", #""STILL HERE""#),
        ("done", "true"),
    ]

    @Test("Every call kind, status and limit is understood")
    func client() async throws {
        let echo = EchoService(sleep: { _ in try Task.checkCancellation() }, now: { TimeSource.system.now() })
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService(), echo, FourKindsService()])
        let peer = try ForeignPeer("say_echo_client.py", [String(server.port)])
        var checks = Self.expected[...]
        while let line = try await peer.line() {
            let result = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let value = try JSONSerialization.data(withJSONObject: result["value"] as Any, options: .fragmentsAllowed)
            guard let wanted = checks.popFirst() else {
                Issue.record("an unexpected line: \(line)")
                break
            }
            #expect(result["check"] as? String == wanted.check)
            #expect(String(decoding: value, as: UTF8.self) == wanted.value, "\(wanted.check)")
        }
        #expect(checks.isEmpty)
        let exitCode = try await peer.finish()
        #expect(exitCode == 0)
        await server.shutdown(grace: .zero)
    }
}
