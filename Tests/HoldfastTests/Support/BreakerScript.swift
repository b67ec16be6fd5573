@testable import Holdfast

/// Drives a breaker's state machine by hand: a clock in milliseconds and a row of short words.
final class BreakerScript {
    var machine: CircuitBreakerStateMachine
    var now = Instant(nanoseconds: 0)
    var random = RandomSource(seed: 1)

    init(_ configuration: CircuitBreaker.Configuration) {
        machine = CircuitBreakerStateMachine(configuration, now: now)
    }

    func at(_ milliseconds: Int64) {
        now = Instant(nanoseconds: milliseconds * 1_000_000)
    }

    /// Admits a call; nil when refused.
    func admit(deadline: Instant? = nil) -> Ticket? {
        guard case .admitted(let ticket) = machine.admit(now, deadline: deadline, random: &random) else { return nil }
        return ticket
    }

    func settle(_ ticket: Ticket, _ outcome: Outcome, retryAfter: Duration? = nil) {
        machine.settle(ticket, outcome, now, retryAfter: retryAfter, random: &random)
    }

    func reconfigure(_ configuration: CircuitBreaker.Configuration) {
        machine.reconfigure(configuration, now, random: &random)
    }

    /// Admits and settles one call per letter: S success, F failure, I ignored, C cancelled. Gives how many were admitted.
    @discardableResult
    func calls(_ letters: String) -> Int {
        var admitted = 0
        for letter in letters {
            guard let ticket = admit() else { continue }
            admitted += 1
            let outcome: Outcome =
                switch letter {
                case "S": .success
                case "F": .failure
                case "I": .ignored
                default: .cancelled
                }
            settle(ticket, outcome)
        }
        return admitted
    }

    var state: CircuitBreaker.State {
        machine.state(now, random: &random)
    }

    var snapshot: CircuitBreaker.Snapshot {
        machine.snapshot(now, random: &random)
    }

    /// The states entered so far, as the events tell.
    var story: [CircuitBreaker.State] {
        machine.events.compactMap { if case .stateChanged(_, let to, _) = $0.event { to } else { nil } }
    }
}

extension CircuitBreaker.Configuration.Open {
    /// An open time without jitter, so that tests can name its end.
    static func exactly(_ time: Duration, factor: Double = 2, max: Duration = .seconds(60)) -> Self {
        Self(for: time, factor: factor, max: max, jitter: 0)
    }
}
