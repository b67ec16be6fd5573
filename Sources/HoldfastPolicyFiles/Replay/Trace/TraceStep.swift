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
            let strange = strangeEvents(object, kind)
            guard strange.isEmpty else {
                for member in strange {
                    let known = Spelling.list(kind.events.map(\.rawValue))
                    member.keyReader.fail("means nothing to a \(kind.rawValue); expected \(known)")
                    _ = object.optional(member.key)
                }
                return nil
            }
            let event = object.exactlyOne(of: kind.events.map(\.rawValue)).flatMap { choice in
                TraceEvent.Name(rawValue: choice.key).flatMap { TraceEvent.read($0, choice.value, of: kind, names: &names) }
            }
            guard let at, let event else { return nil }
            return TraceStep(at: Instant(nanoseconds: at.nanoseconds), event: event)
        }
    }

    /// Events that other kinds of policies know.
    private static func strangeEvents(_ object: ObjectReader, _ kind: TraceKind) -> [ObjectReader.Member] {
        object.peek.filter { member in
            TraceEvent.Name(rawValue: member.key).map { !kind.events.contains($0) } ?? false
        }
    }
}
