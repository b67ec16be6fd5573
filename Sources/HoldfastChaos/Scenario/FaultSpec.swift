/// One fault of a scenario: what breaks, where, and for how long.
package struct FaultSpec: Sendable, Hashable {
    package var id: String
    package var kind: FaultKind
    /// The name of the service that it breaks.
    package var service: String
    /// The one of its replicas that it breaks, from 0; nil for all of them.
    package var replica: Int?
    package var from: TimeReference
    /// How long it is in force; then it is undone.
    package var duration: Duration
    /// Faults of one group share one draw.
    package var group: String?
    /// How it grows and fades; nil to be all there from its beginning to its end.
    package var shape: FaultShape?

    package init(
        id: String, kind: FaultKind, service: String, replica: Int? = nil, from: TimeReference, duration: Duration, group: String? = nil,
        shape: FaultShape? = nil
    ) {
        self.id = id
        self.kind = kind
        self.service = service
        self.replica = replica
        self.from = from
        self.duration = duration
        self.group = group
        self.shape = shape
    }

    /// Whether it breaks that replica of that service.
    package func breaks(_ service: String, replica: Int) -> Bool {
        self.service == service && (self.replica ?? replica) == replica
    }

    /// Time from the start of the run.
    package var start: Duration { from.offset }

    /// Time from the start of the run at which it is undone.
    package var end: Duration { from.offset + duration }
}
