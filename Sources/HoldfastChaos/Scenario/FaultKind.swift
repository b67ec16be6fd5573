package import Holdfast

/// What a fault does.
package enum FaultKind: Sendable, Hashable {
    /// The service answers with an error.
    case rpcError(StatusCode, message: String, when: ErrorMoment = .trailersOnly, Selection)
    /// The service never answers.
    case rpcHang(Selection)
    /// The service waits before it begins to work, at no worker's cost; one that cannot be cancelled goes on, and then works, for a
    /// caller who has gone.
    case rpcLatency(ServiceTime, isCancellable: Bool = true, Selection)
    /// The service answers, and something becomes of its answer on the way out.
    case rpcAnswer(AnswerFault, Selection)
    /// The service's workers slow down to this share of their speed, above 0 and below 1.
    case serviceCapacity(share: Double)
    /// The service's process holds so much more memory, 1 to 16384.
    case serviceMemory(mebibytes: Int)
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

    /// When an error is answered.
    package enum ErrorMoment: String, Sendable, Hashable, CaseIterable, Codable {
        /// Before any work, in the one frame that is all of the answer, as servers refuse calls.
        case trailersOnly
        /// Before any work, behind headers of its own: to a client, an answer that had begun.
        case beforeWork
        /// After all work, in place of its result.
        case afterWork
    }

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
        case .rpcAnswer(let fault, _): fault.name
        case .serviceCapacity: "svc.capacity"
        case .serviceMemory: "svc.memory"
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
        case .rpcError(_, _, _, let selection), .rpcHang(let selection), .rpcLatency(_, _, let selection), .rpcAnswer(_, let selection):
            selection
        case .network(_, let selection): selection
        case .serviceCapacity, .serviceMemory, .processKill, .processStop, .processRestart, .processCPUQuota: nil
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
