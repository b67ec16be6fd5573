import Holdfast

/// The policy that a trace is about.
enum TraceSubject: Sendable {
    case circuitBreaker(CircuitBreaker.Configuration)
    case rateLimiter(RateLimiter.Configuration)
    case bulkhead(Bulkhead.Configuration)
    case adaptiveLimiter(AdaptiveLimiter.Configuration)
    case throttle(AdaptiveThrottle.Configuration)
    case shed(LoadShedder.Configuration)
    case retry(Retry.Configuration)
    case hedge(Hedge.Configuration)
    case window(TraceWindow)
    case backoff(Backoff)
    case budget(RetryBudget.Configuration)

    /// Makes the live policy and what drives it.
    func makeReplay(_ clock: ReplayClock, _ random: RandomSource) -> any Replay {
        let time = clock.timeSource
        switch self {
        case .circuitBreaker(let configuration):
            return GateReplay(CircuitBreaker("circuitBreaker", configuration, timeSource: time, random: random), clock)
        case .rateLimiter(let configuration):
            return GateReplay(RateLimiter("rateLimiter", configuration, timeSource: time), clock)
        case .bulkhead(let configuration):
            return GateReplay(Bulkhead("bulkhead", configuration, timeSource: time), clock)
        case .adaptiveLimiter(let configuration):
            return GateReplay(AdaptiveLimiter("adaptiveLimiter", configuration, timeSource: time, random: random), clock)
        case .throttle(let configuration):
            return GateReplay(AdaptiveThrottle("throttle", configuration, timeSource: time, random: random), clock)
        case .shed(let configuration):
            return GateReplay(LoadShedder(replaying: configuration, time), clock)
        case .retry(let configuration):
            return RetryReplay(Retry("retry", configuration, timeSource: time, random: random), clock, random)
        case .hedge(let configuration):
            return HedgeReplay(Hedge("hedge", configuration, timeSource: time), clock)
        case .window(let window):
            return WindowReplay(window, clock)
        case .backoff(let backoff):
            return BackoffReplay(backoff, random)
        case .budget(let configuration):
            return BudgetReplay(RetryBudget(configuration, timeSource: time))
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
            case .circuitBreaker:
                // A trace is about one breaker, whatever it would be one of.
                _ = object.optional("scope")?.oneOf(PipelineElement.Scope.self)
                return CircuitBreaker.Configuration.read(object).map(circuitBreaker)
            case .rateLimiter: return RateLimiter.Configuration.read(object).map(rateLimiter)
            case .bulkhead: return Bulkhead.Configuration.read(object).map(bulkhead)
            case .adaptiveLimiter: return AdaptiveLimiter.Configuration.read(object).map(adaptiveLimiter)
            case .throttle: return AdaptiveThrottle.Configuration.read(object).map(throttle)
            case .shed: return LoadShedder.Configuration.read(object).map(shed)
            case .retry: return RetryDefinition.read(object).map { .retry($0.configuration) }
            case .hedge: return HedgeDefinition.read(object).map { .hedge($0.configuration) }
            case .window: return readWindow(object).map(window)
            case .backoff: return Backoff.read(object).map(backoff)
            case .budget: return RetryBudget.Configuration.read(object).map(budget)
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
