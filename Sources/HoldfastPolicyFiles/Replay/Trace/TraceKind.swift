/// What a trace can be about, spelled as its key.
enum TraceKind: String, CaseIterable, Sendable {
    case circuitBreaker
    case window
    case rateLimiter

    /// The events that mean something to it.
    var events: [TraceEvent.Name] {
        switch self {
        case .circuitBreaker: Self.gateEvents + [.answer, .control]
        case .rateLimiter: Self.gateEvents
        case .window: [.record, .check]
        }
    }

    private static let gateEvents: [TraceEvent.Name] = [.call, .record, .admit, .acquire, .settle, .drop, .reconfigure, .check]
}
