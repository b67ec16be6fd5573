/// The demo services that a scenario can start.
package enum ServiceKind: String, Sendable, Hashable, CaseIterable, Codable {
    case say
    case echo

    /// The service's full name in its `.proto` file, the part of a method before the slash.
    package var fullName: String {
        switch self {
        case .say: "grpconepb.grpconepb"
        case .echo: "echoserver.EchoService"
        }
    }

    /// The methods that a load can call: one request, one answer.
    package var unaryMethods: [String] {
        switch self {
        case .say: ["grpconepb.grpconepb/SayHi"]
        case .echo: []
        }
    }
}
