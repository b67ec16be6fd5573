/// What a service of a scenario is.
package enum ServiceKind: String, Sendable, Hashable, CaseIterable, Codable {
    case say
    case echo
    /// Swift code in the process of the run; see ``ChaosScenario``.
    case code

    /// The service's full name in its `.proto` file, the part of a method before the slash.
    package var fullName: String {
        switch self {
        case .say: "grpconepb.grpconepb"
        case .echo: "echoserver.EchoService"
        case .code: ""
        }
    }

    /// The methods that a load can call.
    package var methods: [String] {
        switch self {
        case .say: ["\(fullName)/SayHi", Self.healthCheck]
        case .echo: ["Echo", "Stream", "Heartbeats"].map { "\(fullName)/\($0)" } + [Self.healthCheck]
        case .code: []
        }
    }

    /// How a service says that it is well; every demo service serves it.
    package static let healthCheck = "grpc.health.v1.Health/Check"

    /// Those in which the load says how many messages there are.
    package static let conversations = ["Echo", "Heartbeats"].map { "\(ServiceKind.echo.fullName)/\($0)" }
}
