/// The circuit breaker's decisions: a value, without a clock, a lock or a wait.
///
/// Time comes in with each event; a reading earlier than one before counts as the latest seen (S21). What happened is
/// appended to ``events`` while it is decided.
struct CircuitBreakerStateMachine {
    typealias Configuration = CircuitBreaker.Configuration

    /// What the machine has to tell, in the order it was decided.
    enum Event {
        case stateChanged(from: CircuitBreaker.State, to: CircuitBreaker.State, because: String)
        case rejected(Rejection.Reason, retryAfter: Duration?)
        case wouldHaveRejected(Rejection.Reason)
        case staleResult(Outcome)
        case leaseExpired
        case reconfigured
    }

    enum Decision {
        case admitted(Ticket)
        case rejected(Rejection.Reason, retryAfter: Duration?)
    }

    enum Phase {
        /// Calls go through and are recorded.
        case closed
        /// Calls are refused until then.
        case open(since: Instant, until: Instant)
        /// Some calls go through to find out whether the service is back.
        case halfOpen(Probes)
    }

    private(set) var configuration: Configuration
    private(set) var mode: Configuration.Mode
    var events: [(at: Instant, event: Event)] = []

    private(set) var phase = Phase.closed
    /// One more at every change of state; tickets of earlier ones are stale (S15).
    private(set) var generation: UInt64 = 1
    var window: OutcomeWindow
    private var running = RunningCalls()
    private(set) var failuresInARow = 0
    private(set) var openings = 0
    private var closedSince: Instant
    private var recordedSinceClosing = 0
    private(set) var rampEnd: Instant?
    private(set) var lastTripped = ""
    private(set) var staleResults = 0
    private(set) var latest: Instant

    init(_ configuration: Configuration, now: Instant) {
        self.configuration = configuration
        mode = configuration.mode
        window = OutcomeWindow(configuration.window, now: now)
        closedSince = now
        latest = now
    }

    // MARK: Events

    /// Decides about one attempt.
    mutating func admit(
        _ reading: Instant, deadline: Instant? = nil, random: inout some RandomNumberGenerator
    ) -> Decision {
        let now = advance(reading, random: &random)
        switch mode {
        case .isolated: return .rejected(.isolated, retryAfter: nil)
        case .disabled: return .admitted(Ticket(generation: 0))
        case .automatic: return admitByPhase(now, deadline: deadline, random: &random)
        case .observing:
            let decision = admitByPhase(now, deadline: deadline, random: &random)
            guard case .rejected(let reason, _) = decision else { return decision }
            events.append((now, .wouldHaveRejected(reason)))
            return .admitted(Ticket(generation: 0))
        }
    }

    /// Takes a ticket back with what its attempt said about the service.
    mutating func settle(
        _ ticket: Ticket, _ outcome: Outcome, _ reading: Instant, retryAfter: Duration? = nil, isSuperseded: Bool = false,
        random: inout some RandomNumberGenerator
    ) {
        // Generation 0 marks calls that no rule applies to: let through while disabled, or while an observing breaker would refuse.
        guard ticket.generation != 0 else { return }
        // A probe that comes back in person is judged by its outcome, not by a lease that merely is its call's deadline.
        var isBack = false
        if ticket.generation == generation, mode.isDeciding, configuration.halfOpen.lease == nil, case .halfOpen(var probes) = phase {
            isBack = probes.giveBack(slot: ticket.slot >> 32, serial: UInt32(truncatingIfNeeded: ticket.slot))
            phase = .halfOpen(probes)
        }
        let now = advance(reading, random: &random)
        guard ticket.generation == generation, mode.isDeciding else {
            return reportStale(outcome, now)
        }
        let isSlow = now > ticket.mark
        let failed = outcome == .failure
        if case .halfOpen(var probes) = phase {
            guard isBack || probes.giveBack(slot: ticket.slot >> 32, serial: UInt32(truncatingIfNeeded: ticket.slot)) else {
                return reportStale(outcome, now)
            }
            if failed || outcome == .success || isSuperseded && isSlow { probes.record(failed: failed, slow: isSlow) }
            phase = .halfOpen(probes)
            decideHalfOpen(now, retryAfter: retryAfter, random: &random)
            return
        }
        // Calls keep the rule they started with: one that was counted while running has its number still, whatever the rule is now.
        let counted = running.end(ticket.slot)
        // A hedge's loser is no verdict, but one that was already slow tells as much as if it had ended (S65).
        if isSuperseded, isSlow, counted == nil {
            window.record(failed: false, slow: true)
            noteRecorded(1)
            return evaluate(now, retryAfter: nil, random: &random)
        }
        guard failed || outcome == .success else { return }
        failuresInARow = failed ? failuresInARow + 1 : 0
        if let counted {
            // Recorded when it became slow; only its failure is new.
            if failed, !window.amendFailed(counted) { window.record(failed: true, slow: false) }
        } else {
            window.record(failed: failed, slow: isSlow)
            noteRecorded(1)
        }
        evaluate(now, retryAfter: retryAfter, random: &random)
    }

    /// The first message of a streamed answer has come (S8).
    /// - Returns: the ticket to settle at the stream's end; one that nothing depends on any more if the message decided.
    mutating func answered(_ ticket: Ticket, _ reading: Instant, random: inout some RandomNumberGenerator) -> Ticket {
        guard ticket.generation != 0 else { return ticket }
        if ticket.generation == generation, case .halfOpen = phase {
            settle(ticket, .success, reading, random: &random)
            return Ticket(generation: 0)
        }
        let now = advance(reading, random: &random)
        guard ticket.generation == generation else { return ticket }
        // From here on only its end counts, not how long it goes on.
        running.answered(ticket.slot)
        let wasSlow = now > ticket.mark
        return Ticket(
            generation: ticket.generation, slot: ticket.slot, mark: wasSlow ? Instant(nanoseconds: .min) : .distantFuture)
    }

    /// The state as a caller would find it now.
    mutating func state(_ reading: Instant, random: inout some RandomNumberGenerator) -> CircuitBreaker.State {
        let now = advance(reading, random: &random)
        if case .open(_, let until) = phase, until <= now, mode.isDeciding { becomeHalfOpen(now) }
        return visibleState
    }

    /// Takes manual control, or gives it back.
    mutating func control(_ newMode: Configuration.Mode, _ reading: Instant, because reason: String) {
        let now = moveClock(reading)
        guard newMode != mode else { return }
        let before = visibleState
        mode = newMode
        nextGeneration()
        running.removeAll()
        if case .halfOpen = phase { phase = .halfOpen(Probes(count: configuration.halfOpen.probes)) }
        if visibleState != before { events.append((now, .stateChanged(from: before, to: visibleState, because: reason))) }
    }

    /// Closes the breaker and forgets what it recorded.
    mutating func reset(_ reading: Instant) {
        let now = moveClock(reading)
        let before = visibleState
        mode = .automatic
        openings = 0
        close(now, ramp: false)
        if before != .closed { events.append((now, .stateChanged(from: before, to: .closed, because: "reset by hand"))) }
    }

    /// Opens the breaker by hand, as if it had tripped.
    mutating func trip(_ reading: Instant, random: inout some RandomNumberGenerator) {
        let now = advance(reading, random: &random)
        // Open already: tripping it twice makes it no longer.
        if case .open(_, let until) = phase, now < until { return }
        open(now, because: "opened by hand", retryAfter: nil, random: &random)
    }

    /// Becomes half-open by hand, as if an open time had ended.
    mutating func probe(_ reading: Instant, random: inout some RandomNumberGenerator) {
        let now = advance(reading, random: &random)
        running.removeAll()
        becomeHalfOpen(now, because: "half-opened by hand")
    }

    /// Puts a new configuration in force without forgetting the state (S80).
    mutating func reconfigure(_ new: Configuration, _ reading: Instant, random: inout some RandomNumberGenerator) {
        let now = advance(reading, random: &random)
        let old = configuration
        configuration = new
        if new.window != old.window { window = OutcomeWindow(new.window, now: now) }
        if new.window != old.window {
            // What was counted is forgotten, and so is where.
            running.removeAll()
        } else if new.slowCalls?.over != old.slowCalls?.over || new.slowCalls?.countRunning != old.slowCalls?.countRunning {
            running.stopFollowing()
        }
        if let end = rampEnd, new.rampAfterClose != old.rampAfterClose {
            rampEnd = new.rampAfterClose > .zero ? min(end, closedSince.advanced(by: new.rampAfterClose)) : nil
        }
        switch phase {
        case .closed: break
        case .open(let since, let until) where new.open != old.open:
            let shorter = since.advanced(by: new.open.time(ofOpening: openings, random: &random))
            phase = .open(since: since, until: min(until, shorter))
        case .open: break
        case .halfOpen(let probes):
            // The slots keep their shape for this period: a probe under way must find its slot again.
            if new.halfOpen.probes != probes.count, probes.running == 0, probes.completed == 0 {
                phase = .halfOpen(Probes(count: new.halfOpen.probes))
            }
        }
        if new.mode != old.mode { control(new.mode, now, because: "new configuration") }
        events.append((now, .reconfigured))
    }

    // MARK: Reading

    /// The state without moving the time.
    var visibleState: CircuitBreaker.State {
        switch mode {
        case .isolated: return .isolated
        case .disabled: return .disabled
        case .observing: return .observing
        case .automatic:
            switch phase {
            case .closed: return .closed
            case .open: return .open
            case .halfOpen: return .halfOpen
            }
        }
    }

    // MARK: Decisions

    mutating func moveClock(_ reading: Instant) -> Instant {
        latest = max(latest, reading)
        return latest
    }

    /// Moves the time: expires the window, overdue calls and leases. What that decides is decided here.
    private mutating func advance(_ reading: Instant, random: inout some RandomNumberGenerator) -> Instant {
        let now = moveClock(reading)
        window.expire(now)
        guard mode.isDeciding else { return now }
        switch phase {
        case .closed:
            if configuration.slowCalls?.countRunning == true { countOverdue(now, random: &random) }
        case .open: break
        case .halfOpen(var probes):
            let expired = probes.expireLeases(now)
            guard expired > 0 else { break }
            for _ in 0..<expired { events.append((now, .leaseExpired)) }
            phase = .halfOpen(probes)
            decideHalfOpen(now, retryAfter: nil, random: &random)
        }
        return now
    }

    private mutating func countOverdue(_ now: Instant, random: inout some RandomNumberGenerator) {
        let counted = running.countOverdue(now, in: &window)
        guard counted > 0 else { return }
        noteRecorded(counted)
        evaluate(now, retryAfter: nil, random: &random)
    }

    private mutating func admitByPhase(
        _ now: Instant, deadline: Instant?, random: inout some RandomNumberGenerator
    ) -> Decision {
        if case .open(_, let until) = phase {
            guard until <= now else { return .rejected(.open, retryAfter: now.duration(to: until)) }
            becomeHalfOpen(now)
        }
        let slowAt = configuration.slowCalls.map { now.advanced(byNanoseconds: $0.nanoseconds) } ?? .distantFuture
        if case .halfOpen(var probes) = phase {
            let lease = configuration.halfOpen.lease.map { now.advanced(by: $0) } ?? deadline ?? now.advanced(by: .seconds(10))
            guard let (slot, serial) = probes.start(leaseEnd: lease) else { return .rejected(.probing, retryAfter: nil) }
            phase = .halfOpen(probes)
            return .admitted(Ticket(generation: generation, slot: slot << 32 | Int(serial), mark: slowAt))
        }
        if let rampEnd {
            if now >= rampEnd {
                self.rampEnd = nil
            } else {
                let left = now.duration(to: rampEnd).seconds / configuration.rampAfterClose.seconds
                let share = max(0.1, 1 - left)
                if SplitMix64.unitInterval(random.next()) >= share { return .rejected(.ramping, retryAfter: nil) }
            }
        }
        let number = configuration.slowCalls?.countRunning == true ? running.start(slowAt: slowAt) : 0
        return .admitted(Ticket(generation: generation, slot: number, mark: slowAt))
    }

    /// Opens the closed breaker if what is recorded calls for it (S12, S13).
    private mutating func evaluate(_ now: Instant, retryAfter: Duration?, random: inout some RandomNumberGenerator) {
        if let limit = configuration.consecutiveFailures, failuresInARow >= limit {
            return open(now, because: "\(failuresInARow) failures in a row", retryAfter: retryAfter, random: &random)
        }
        let counts = window.counts
        guard counts.total >= configuration.minimumCalls else { return }
        if let limit = configuration.failureRate, counts.failed > 0 || limit == 0, Double(counts.failed) / Double(counts.total) >= limit {
            return open(now, because: "\(counts.failed) of \(counts.total) calls failed", retryAfter: retryAfter, random: &random)
        }
        if let rule = configuration.slowCalls, counts.slow > 0 || rule.rate == 0, Double(counts.slow) / Double(counts.total) >= rule.rate {
            open(now, because: "\(counts.slow) of \(counts.total) calls took over \(rule.over)", retryAfter: retryAfter, random: &random)
        }
    }

    private mutating func decideHalfOpen(_ now: Instant, retryAfter: Duration?, random: inout some RandomNumberGenerator) {
        guard case .halfOpen(let probes) = phase else { return }
        let rate = configuration.halfOpen.failureRate ?? configuration.failureRate ?? 0
        switch probes.verdict(failureRate: rate, slowRate: configuration.slowCalls?.rate) {
        case .undecided: break
        case .failing:
            let reason =
                probes.hasFailed(rate: rate)
                ? "\(probes.failed) of \(probes.completed) probes failed"
                : "\(probes.slow) of \(probes.completed) probes took over \(configuration.slowCalls?.over ?? .zero)"
            open(now, because: reason, retryAfter: retryAfter, random: &random)
        case .healthy:
            let before = visibleState
            close(now, ramp: true)
            report(before, now, because: "\(probes.succeeded) of \(probes.completed) probes succeeded")
        }
    }

    private mutating func open(
        _ now: Instant, because reason: String, retryAfter: Duration?, random: inout some RandomNumberGenerator
    ) {
        let before = visibleState
        if case .closed = phase, hasBeenClosedForAWindow(now) { openings = 0 }
        openings += 1
        lastTripped = reason
        let time = max(configuration.open.time(ofOpening: openings, random: &random), min(retryAfter ?? .zero, configuration.open.max))
        phase = .open(since: now, until: now.advanced(by: time))
        running.removeAll()
        nextGeneration()
        report(before, now, because: reason)
    }

    private mutating func becomeHalfOpen(_ now: Instant, because reason: String = "the open time is over") {
        let before = visibleState
        phase = .halfOpen(Probes(count: configuration.halfOpen.probes))
        nextGeneration()
        report(before, now, because: reason)
    }

    private mutating func close(_ now: Instant, ramp: Bool) {
        phase = .closed
        window.removeAll()
        running.removeAll()
        failuresInARow = 0
        closedSince = now
        recordedSinceClosing = 0
        rampEnd = ramp && configuration.rampAfterClose > .zero ? now.advanced(by: configuration.rampAfterClose) : nil
        nextGeneration()
    }

    private func hasBeenClosedForAWindow(_ now: Instant) -> Bool {
        switch configuration.window {
        case .count(let count): recordedSinceClosing >= count
        case .time(let time, _): closedSince.duration(to: now) >= time
        }
    }

    mutating func noteRecorded(_ calls: Int) {
        recordedSinceClosing = min(recordedSinceClosing + calls, 1_000_000)
    }

    private mutating func reportStale(_ outcome: Outcome, _ now: Instant) {
        guard outcome != .cancelled else { return }
        staleResults += 1
        events.append((now, .staleResult(outcome)))
    }

    private mutating func report(_ before: CircuitBreaker.State, _ now: Instant, because reason: String) {
        // An observing breaker's states are its own business; what it would have refused is reported call by call.
        guard visibleState != before else { return }
        events.append((now, .stateChanged(from: before, to: visibleState, because: reason)))
    }

    private mutating func nextGeneration() {
        generation += 1
    }
}

extension CircuitBreaker.Configuration.Mode {
    /// Whether results are recorded. Asked of the mode, not of the machine, which would be copied to answer.
    var isDeciding: Bool { self == .automatic || self == .observing }
}
