import Holdfast

/// Asks a backoff for the waits before retries.
final class BackoffReplay: Replay {
    private let backoff: Locked<Backoff>
    private let random: RandomSource

    init(_ backoff: Backoff, _ random: RandomSource) {
        self.backoff = Locked(backoff)
        self.random = random
    }

    func perform(_ event: TraceEvent, into line: inout ReplayLine) {
        switch event {
        case .delay(let retry, let previous):
            line.add(backoff.withLock { $0 }, retry: retry, previous: previous, random)
        case .reconfigure(.backoff(let new)):
            backoff.withLock { $0 = new }
        default: break
        }
    }

    func report(into line: inout ReplayLine) {}
}

extension ReplayLine {
    /// The bounds of the wait before a retry, and one that was drawn between them.
    mutating func add(_ backoff: Backoff, retry: Int, previous: Duration?, _ random: RandomSource) {
        let bounds = backoff.bounds(retry: retry, previous: previous)
        add("lower", bounds.lower)
        add("upper", bounds.upper)
        add("delay", backoff.delay(retry: retry, previous: previous, random: random))
    }
}
