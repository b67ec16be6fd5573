/// A pipeline's stages as its calls pass them: in place.
///
/// To take a stage out of an array is to take a reference to its policy and give it back, two atomic operations on one count that all
/// calls share. Here the row holds the references, and whoever runs a pipeline holds the row. The gates of this package stand
/// under their own types, so that passing one is no dynamic call.
@usableFromInline
final class StageRow: @unchecked Sendable {
    /// A stage that is read where it stands.
    enum Place: ~Copyable {
        case circuitBreaker(CircuitBreaker)
        case rateLimiter(RateLimiter)
        case bulkhead(Bulkhead)
        case gate(any Gate)
        case timeout(Timeout)
        case retry(Retry)
        case hedge
        case chaos(Chaos)

        init(_ stage: Pipeline.Stage) {
            switch stage {
            case .gate(let breaker as CircuitBreaker): self = .circuitBreaker(breaker)
            case .gate(let limiter as RateLimiter): self = .rateLimiter(limiter)
            case .gate(let bulkhead as Bulkhead): self = .bulkhead(bulkhead)
            case .gate(let gate): self = .gate(gate)
            case .timeout(let timeout): self = .timeout(timeout)
            case .retry(let retry): self = .retry(retry)
            case .hedge: self = .hedge
            case .chaos(let chaos): self = .chaos(chaos)
            }
        }
    }

    let count: Int
    // Never changed after the row is made; that is what makes it safe to share.
    private let places: UnsafeMutablePointer<Place>

    init(_ stages: [Pipeline.Stage]) {
        count = stages.count
        places = .allocate(capacity: count)
        for (index, stage) in stages.enumerated() { (places + index).initialize(to: Place(stage)) }
    }

    deinit {
        places.deinitialize(count: count)
        places.deallocate()
    }

    subscript(index: Int) -> Place {
        _read {
            precondition(index >= 0 && index < count, "a stage of another pipeline")
            yield places[index]
        }
    }
}
