public import Holdfast
public import HoldfastPolicyFiles
public import HoldfastRPC

/// Policies that a ``PolicyAdmin`` shows and controls.
public struct PolicySource: Sendable {
    enum Origin: Sendable {
        case registry(PolicyRegistry)
        case client(RPCClient)
        case pipelines([Pipeline])
        case controllers([DegradationController])
    }

    /// What the source is called where there are several, such as `server` or `client`.
    public let name: String
    let origin: Origin

    /// What a registry has in force, whatever that is at the time, with its document's version and the time of its last reload.
    public static func registry(_ registry: PolicyRegistry, name: String = "policies") -> PolicySource {
        PolicySource(name: name, origin: .registry(registry))
    }

    /// The policies of a client's routes, and the breakers of its endpoints, at the time.
    public static func client(_ client: RPCClient, name: String = "client") -> PolicySource {
        PolicySource(name: name, origin: .client(client))
    }

    /// Pipelines that a program made.
    public static func pipelines(_ pipelines: [Pipeline], name: String = "pipelines") -> PolicySource {
        PolicySource(name: name, origin: .pipelines(pipelines))
    }

    /// Controllers of degradation that stand in no pipeline.
    public static func controllers(_ controllers: [DegradationController], name: String = "degradation") -> PolicySource {
        PolicySource(name: name, origin: .controllers(controllers))
    }
}
