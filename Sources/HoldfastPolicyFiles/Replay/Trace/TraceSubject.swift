import Holdfast

/// The policy that a trace is about.
enum TraceSubject: Sendable {
    case circuitBreaker(CircuitBreaker.Configuration)
    case window(TraceWindow)
    case rateLimiter(RateLimiter.Configuration)

    /// Makes the live policy and what drives it.
    func makeReplay(_ clock: ReplayClock, _ random: RandomSource) -> any Replay {
        let time = clock.timeSource
        switch self {
        case .circuitBreaker(let configuration):
            return GateReplay(CircuitBreaker("circuitBreaker", configuration, timeSource: time, random: random), clock)
        case .window(let window):
            return WindowReplay(window, clock)
        case .rateLimiter(let configuration):
            return GateReplay(RateLimiter("rateLimiter", configuration, timeSource: time), clock)
        }
    }
}

extension TraceSubject {
    /// Reads the settings under the kind's name.
    static func read(_ object: ObjectReader) -> (key: TraceKind, value: TraceSubject)? {
        guard let choice = object.exactlyOne(of: TraceKind.allCases.map(\.rawValue)), let kind = TraceKind(rawValue: choice.key),
            let value = read(kind, choice.value)
        else { return nil }
        return (kind, value)
    }

    /// Reads the settings of that kind.
    static func read(_ kind: TraceKind, _ reader: ValueReader) -> TraceSubject? {
        reader.unit("the settings of one \(kind.rawValue)") { object in
            _ = object.optional("name")?.string("a name")
            switch kind {
            case .circuitBreaker: return CircuitBreaker.Configuration.read(object).map(circuitBreaker)
            case .window: return readWindow(object).map(window)
            case .rateLimiter: return RateLimiter.Configuration.read(object).map(rateLimiter)
            }
        }
    }

    /// A window of its own may have fewer buckets than a breaker takes, to be compared with others' windows.
    private static func readWindow(_ object: ObjectReader) -> TraceWindow? {
        let slowOver = object.optional("slowOver")?.duration(above: .zero)
        guard let choice = object.exactlyOne(of: ["count", "time"]) else { return nil }
        guard choice.key == "time" else {
            return choice.value.integer(in: 1...100_000).map { TraceWindow(window: .count($0), slowOver: slowOver) }
        }
        let buckets = object.optional("buckets").map { $0.integer(in: 1...60) } ?? 10
        let time = choice.value.duration(atLeast: .nanoseconds(60))
        guard let buckets, let time else { return nil }
        return TraceWindow(window: .time(time, buckets: buckets), slowOver: slowOver)
    }
}
