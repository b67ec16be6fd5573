/// A gate's leave to run one attempt, for work that no closure can wrap.
///
/// It is settled exactly once: by ``settle(_:)``, or as cancelled when it is dropped, so none can leak.
public struct Permit: ~Copyable, Sendable {
    // Not `discard self`: on Swift 6.3 that does not compile for a value that stores a reference.
    private var gate: (any Gate)?
    private let ticket: Ticket

    package init(gate: any Gate, ticket: Ticket) {
        self.gate = gate
        self.ticket = ticket
    }

    /// Gives the permit back and says how the attempt ended.
    public consuming func settle(_ completion: Completion) {
        giveBack(completion)
    }

    private mutating func giveBack(_ completion: Completion) {
        guard let gate else { return }
        self.gate = nil
        var attempt = Attempt(gate.timeSource)
        gate.settle(ticket, completion, &attempt)
    }

    deinit {
        guard let gate else { return }
        var attempt = Attempt(gate.timeSource)
        gate.settle(ticket, .judged(.cancelled), &attempt)
    }
}
