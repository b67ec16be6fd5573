import Foundation
import HoldfastRPC
import SayEcho
import Testing

@Suite(
    "grpcio's own clients of health and reflection", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"))
struct ForeignHealthTests {
    private static let expected: [(check: String, value: String)] = [
        (
            "services",
            #"["echoserver.EchoService","grpc.health.v1.Health","grpc.reflection.v1.ServerReflection","grpc.reflection.v1alpha.ServerReflection","grpconepb.grpconepb"]"#
        ),
        ("methods", #"["Echo","Stream","Heartbeats"]"#),
        ("request fields", #"["name","msg"]"#),
        ("unknown symbol", #"true"#),
        ("described call", #""[{\"kitty\":\"hello world!\"}]""#),
        ("check", #""SERVING""#),
        ("check unknown", #""NOT_FOUND""#),
        ("list", #"{"":"SERVING","echoserver.EchoService":"NOT_SERVING"}"#),
        ("watch", #"["NOT_SERVING","SERVING"]"#),
        ("done", "true"),
    ]

    @Test("They list, describe, call and watch what the server offers")
    func client() async throws {
        let health = HealthService(["": .serving, "echoserver.EchoService": .notServing])
        let reflection = try ReflectionService(fileDescriptorSets: [SayEchoDescriptors.fileDescriptorSet])
        try await serving([SayService(), EchoService(), health, reflection]) { server in
            let peer = try ForeignPeer("health_reflection_client.py", [String(server.port)])
            var checks = Self.expected[...]
            while let line = try await peer.line() {
                if line == "watching" {
                    health.set(.serving, for: "echoserver.EchoService")
                    continue
                }
                let result = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                let value = try JSONSerialization.data(
                    withJSONObject: result["value"] as Any, options: [.fragmentsAllowed, .sortedKeys])
                let next = checks.popFirst()
                let wanted = try #require(next, "an unexpected line: \(line)")
                #expect(result["check"] as? String == wanted.check)
                #expect(String(decoding: value, as: UTF8.self) == wanted.value, "\(wanted.check)")
            }
            #expect(checks.isEmpty)
            let exitCode = try await peer.finish()
            #expect(exitCode == 0)
        }
    }
}
