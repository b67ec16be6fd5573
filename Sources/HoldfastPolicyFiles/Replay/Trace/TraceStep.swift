import Holdfast

/// What happens at one time of a trace.
struct TraceStep: Sendable {
    /// When; steps may run backwards, as a clock may.
    let at: Instant
    /// What.
    let event: TraceEvent
}

extension TraceStep {
    /// Reads one step: a time and one event that fits the kind of the policy.
    static func read(_ reader: ValueReader, of kind: TraceKind, names: inout TraceNames) -> TraceStep? {
        reader.unit("a time and an event") { object in
            let at = object.required("at")?.duration()
            let event = object.exactlyOne(of: kind.events.map(\.rawValue)).flatMap { choice in
                TraceEvent.Name(rawValue: choice.key).flatMap { TraceEvent.read($0, choice.value, of: kind, names: &names) }
            }
            guard let at, let event else { return nil }
            return TraceStep(at: Instant(nanoseconds: at.nanoseconds), event: event)
        }
    }
}
