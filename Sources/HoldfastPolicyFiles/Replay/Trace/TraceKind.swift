/// What a trace can be about, spelled as its key.
enum TraceKind: String, CaseIterable, Sendable {
    case circuitBreaker, rateLimiter, bulkhead, adaptiveLimiter, throttle, shed
    case retry, hedge
    case window, backoff, budget

    /// The events that mean something to it.
    var events: [TraceEvent.Name] {
        switch self {
        case .circuitBreaker: Self.gateEvents + [.answer, .control]
        case .rateLimiter, .bulkhead, .throttle: Self.gateEvents
        case .adaptiveLimiter: Self.gateEvents + [.answer, .control, .sample]
        case .shed: Self.gateEvents + [.control, .pressure]
        case .retry: [.start, .end, .drop, .delay, .reconfigure, .check]
        case .hedge: [.start, .end, .drop, .reconfigure, .check]
        case .window: [.record, .check]
        case .backoff: [.delay, .reconfigure, .check]
        case .budget: [.deposit, .withdraw, .record, .reconfigure, .check]
        }
    }

    /// What can be done by hand.
    var controls: KeyValuePairs<String, String> {
        switch self {
        case .circuitBreaker:
            [
                "isolate": "isolate", "disable": "disable", "observe": "observe", "release": "release", "trip": "trip",
                "probe": "probe", "reset": "reset",
            ]
        case .adaptiveLimiter: ["reset": "reset"]
        case .shed:
            [
                "holdNone": "holdNone", "holdSheddable": "holdSheddable", "holdSheddablePlus": "holdSheddablePlus",
                "holdCritical": "holdCritical", "holdCriticalPlus": "holdCriticalPlus", "release": "release",
            ]
        default: [:]
        }
    }

    private static let gateEvents: [TraceEvent.Name] = [.call, .record, .admit, .acquire, .settle, .drop, .reconfigure, .check]
}
