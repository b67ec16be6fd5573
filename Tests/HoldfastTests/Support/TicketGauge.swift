import Holdfast

/// A gate that lets everybody through and writes down what became of every ticket.
final class TicketGauge: Gate {
    private struct State {
        var held: Set<Int> = []
        var nextSlot = 0
        var completions: [Completion] = []
        var problem: String?
    }

    let name = "gauge"
    let kind = PolicyKind(rawValue: "gauge")
    let timeSource: TimeSource
    let eventSource = EventSource()

    private let state = Locked(State())

    init(_ timeSource: TimeSource) {
        self.timeSource = timeSource
    }

    var counters: PolicyCounters { PolicyCounters() }

    /// Tickets handed out and not taken back.
    var held: Int { state.withLock { $0.held.count } }
    /// How the attempts ended, in the order in which they were settled.
    var completions: [Completion] { state.withLock { $0.completions } }
    /// What was done that must not be; nil for nothing.
    var problem: String? { state.withLock { $0.problem } }

    func admit(_ attempt: inout Attempt) -> Admission {
        state.withLock { state in
            state.nextSlot += 1
            state.held.insert(state.nextSlot)
            return .admitted(Ticket(slot: state.nextSlot))
        }
    }

    func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        state.withLock { state in
            if state.held.remove(ticket.slot) == nil { state.problem = "ticket \(ticket.slot) was settled twice" }
            state.completions.append(completion)
        }
    }
}

extension Completion {
    /// Whether it says nothing about the service: the caller went away, or another attempt was faster.
    var isNeutral: Bool {
        switch self {
        case .superseded, .judged(.cancelled): true
        case .failed(let error): error is CancellationError
        default: false
        }
    }
}
