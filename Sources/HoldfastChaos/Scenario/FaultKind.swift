package import Holdfast

/// What a fault does.
package enum FaultKind: Sendable, Hashable {
    /// The service answers with an error and does no work.
    case rpcError(StatusCode, message: String, Selection)
    /// The service never answers.
    case rpcHang(Selection)
    /// The service waits before it begins to work, at no worker's cost.
    case rpcLatency(ServiceTime, Selection)
    /// The service's workers slow down to this share of their speed, above 0 and below 1.
    case serviceCapacity(share: Double)
    /// The process is killed, and started again when the fault ends.
    case processKill(KillSignal)
    /// The process is stopped as it stands (SIGSTOP), and goes on where it stood when the fault ends (SIGCONT).
    case processStop
    /// The process is ended and started again at once: when the fault begins, and then every so often while it is in force.
    case processRestart(KillSignal, every: Duration?)
    /// The process gets only so much time of the processors, in cores.
    case processCPUQuota(cores: Double)
    /// The proxy in front of the service does something to the bytes or frames; without a selection, to all of them.
    case network(NetworkFault, Selection?)

    /// The signal that ends a process.
    package enum KillSignal: String, Sendable, Hashable, CaseIterable {
        case kill = "KILL"
        case term = "TERM"
    }

    /// The kind as the scenario spells it.
    package var name: String {
        switch self {
        case .rpcError: "rpc.error"
        case .rpcHang: "rpc.hang"
        case .rpcLatency: "rpc.latency"
        case .serviceCapacity: "svc.capacity"
        case .processKill: "proc.kill"
        case .processStop: "proc.stop"
        case .processRestart: "proc.restart"
        case .processCPUQuota: "proc.cpuQuota"
        case .network(let fault, _): fault.kind.rawValue
        }
    }

    /// Which calls it hits; nil for a fault that does not choose among calls.
    package var selection: Selection? {
        switch self {
        case .rpcError(_, _, let selection), .rpcHang(let selection), .rpcLatency(_, let selection): selection
        case .network(_, let selection): selection
        case .serviceCapacity, .processKill, .processStop, .processRestart, .processCPUQuota: nil
        }
    }

    /// Whether it befalls a service's process as a whole, not calls.
    package var isOfProcess: Bool {
        switch self {
        case .processKill, .processStop, .processRestart, .processCPUQuota: true
        default: false
        }
    }

    /// Whether it needs a proxy in front of the service.
    package var isOfNetwork: Bool {
        if case .network = self { true } else { false }
    }
}
