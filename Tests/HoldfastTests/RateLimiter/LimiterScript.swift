@testable import Holdfast

/// Drives a rate limiter's state machine by hand: a clock in milliseconds and a row of short words.
final class LimiterScript {
    private(set) var rules: QuotaRules
    private(set) var machine: RateLimiterStateMachine
    private var lastID = 0

    init(_ configuration: RateLimiter.Configuration, at now: Instant = Instant(nanoseconds: 0)) {
        rules = QuotaRules(configuration, now: now)
        machine = RateLimiterStateMachine(rules, now: now)
    }

    convenience init(
        _ algorithm: RateLimiter.Configuration.Algorithm, warmUp: RateLimiter.Configuration.WarmUp? = nil, maxWait: Duration = .zero,
        maxQueued: Int = 0
    ) throws {
        self.init(try .init(algorithm, warmUp: warmUp, maxWait: maxWait, maxQueued: maxQueued))
    }

    static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    func acquire(_ permits: Int = 1, _ now: Instant, deadline: Instant? = nil) -> RateLimiterStateMachine.Decision {
        machine.acquire(permits, now, deadline: deadline, rules)
    }

    func acquire(_ permits: Int = 1, at milliseconds: Int64, deadline: Int64? = nil) -> RateLimiterStateMachine.Decision {
        acquire(permits, Self.at(milliseconds), deadline: deadline.map(Self.at))
    }

    /// How many of that many calls of one permit each are admitted.
    func admitted(of calls: Int, at milliseconds: Int64) -> Int {
        (0..<calls).count { _ in acquire(at: milliseconds) == .admitted }
    }

    func join(_ permits: Int = 1, _ now: Instant, deadline: Instant? = nil) -> Int {
        lastID += 1
        machine.enqueue(id: lastID, permits, now, deadline: deadline, rules)
        return lastID
    }

    func join(_ permits: Int = 1, at milliseconds: Int64, deadline: Int64? = nil) -> Int {
        join(permits, Self.at(milliseconds), deadline: deadline.map(Self.at))
    }

    func serve(_ now: Instant) -> RateLimiterStateMachine.Served { machine.serve(now, rules) }

    func serve(at milliseconds: Int64) -> RateLimiterStateMachine.Served { serve(Self.at(milliseconds)) }

    func cancel(_ id: Int, _ now: Instant) -> Bool { machine.cancel(id, now, rules) }

    func cancel(_ id: Int, at milliseconds: Int64) -> Bool { cancel(id, Self.at(milliseconds)) }

    func available(at milliseconds: Int64) -> Int { machine.available(Self.at(milliseconds), rules) }

    func reconfigure(_ configuration: RateLimiter.Configuration, at milliseconds: Int64) {
        let (now, old) = (Self.at(milliseconds), rules)
        rules = QuotaRules(configuration, now: now, replacing: old)
        machine.reconfigure(from: old, to: rules, now)
    }
}
