/// What the runner tells a service's process: one JSON object a line on its standard input. The end of that input tells the
/// process that the runner is gone, and it ends itself.
package enum ControlCommand: Sendable, Hashable, Codable {
    /// Puts these faults into force, in place of all others.
    case install(FaultPlan)
    /// Asks how many attempts each fault hit.
    case report
    /// Asks what it had to do since it was last asked.
    case observe
}

/// What a service's process tells the runner: one JSON object a line on its standard output.
package enum ControlReply: Sendable, Hashable, Codable {
    /// It serves on that port.
    case ready(port: Int)
    /// The faults are in force.
    case installed
    /// How many attempts each fault hit since the process started, and what its rule has counted, by the fault's id.
    case hits([String: Int], counted: [String: Int])
    /// What it had to do.
    case observed(Observation)
}

/// Metadata by which a service's process knows which draw belongs to a call.
package enum ChaosMetadata {
    /// The name of the load.
    package static let load = "holdfast-load"
    /// The number of the call in its load.
    package static let call = "holdfast-call"
    /// gRPC's own count of attempts before this one.
    package static let previousAttempts = "grpc-previous-rpc-attempts"
}
