/// A hedged call's decisions: a value, without a clock, a lock or a wait.
///
/// After gRFC A6, with one difference: a failure never beats a slower success (S65), unless it is fatal. What ended is told with
/// ``ended(_:_:_:)``, what to do is asked with ``next(_:)``.
package struct HedgeStateMachine: Sendable {
    /// How an attempt ended.
    package enum End: Hashable, Sendable {
        /// With the answer, or an error that blames the caller: the call ends so.
        case acceptable
        /// With a failure; other attempts may still answer.
        case failed(Next)
        /// With a failure that ends the call whatever the other attempts do.
        case fatal
    }

    /// What a failure means for attempts that have not started.
    package enum Next: Hashable, Sendable {
        /// The next one starts at once.
        case atOnce
        /// The service asks to be left alone for so many nanoseconds; then the next one starts, if others still run.
        case after(Int64)
        /// None starts any more.
        case never
    }

    /// What to do now.
    package enum Action: Hashable, Sendable {
        /// Start the attempt with that number, from 2.
        case start(Int)
        /// Wait for the end of an attempt, or until then; nil when no attempt will start by itself.
        case wait(until: Instant?)
        /// The caller went away: cancel the attempts and go on waiting for their ends.
        case cancel
        /// The call ends as the attempt with that number did; those under way are superseded.
        case finish(Int)
    }

    private let delay: Int64
    private let maxAttempts: Int
    /// How many attempts have started.
    package private(set) var started = 1
    /// The attempt whose end is the call's; 0 until that is decided.
    package private(set) var winner = 0
    /// Whether the time until the decision says how long a first attempt takes: it answered then, or had not ended yet.
    package private(set) var timesFirst = false
    private var running: UInt32 = 1 << 1
    /// When the next attempt starts, if any are left; nil when none starts any more.
    private var nextStart: Instant?
    private var mustCancel = false

    /// The first attempt starts.
    /// - Parameters:
    ///   - delay: from the start of one attempt to that of the next, in nanoseconds.
    ///   - maxExtra: how many attempts may start beside the first; up to 10.
    package init(delay: Int64, maxExtra: Int, now: Instant) {
        self.delay = delay
        maxAttempts = maxExtra + 1
        nextStart = now.advanced(byNanoseconds: delay)
    }

    /// How many attempts are under way.
    package var outstanding: Int { running.nonzeroBitCount }

    /// What to do at that time. An attempt that is to start counts as started.
    package mutating func next(_ now: Instant) -> Action {
        if winner != 0 { return .finish(winner) }
        if mustCancel {
            mustCancel = false
            return .cancel
        }
        guard let nextStart = startsNext else { return .wait(until: nil) }
        guard nextStart <= now else { return .wait(until: nextStart) }
        started += 1
        running |= 1 << UInt32(started)
        self.nextStart = now.advanced(byNanoseconds: delay)
        return .start(started)
    }

    /// An attempt has ended.
    package mutating func ended(_ attempt: Int, _ end: End, _ now: Instant) {
        running &= ~(1 << UInt32(attempt))
        guard winner == 0 else { return }
        switch end {
        case .acceptable, .fatal:
            winner = attempt
            timesFirst = attempt == 1 ? end == .acceptable : running & 1 << 1 != 0
        case .failed(let next):
            if let start = nextStart {
                switch next {
                case .atOnce: nextStart = min(start, now)
                case .after(let nanoseconds): nextStart = now.advanced(byNanoseconds: nanoseconds)
                case .never: nextStart = nil
                }
            }
            giveUpIfIdle(now)
        }
    }

    /// An attempt that has not ended is the one whose end the call's will be, as when a stream's first message has come.
    /// - Returns: false when another attempt has decided the call already.
    package mutating func claim(_ attempt: Int) -> Bool {
        guard winner == 0 else { return winner == attempt }
        winner = attempt
        timesFirst = running & 1 << 1 != 0
        return true
    }

    /// The attempt that was to start may not, because the budget is used up: none starts any more.
    package mutating func refused(_ attempt: Int, _ now: Instant) {
        ended(attempt, .failed(.never), now)
    }

    /// The caller went away: no further attempt starts, and those under way are to be cancelled.
    package mutating func callerLeft(_ now: Instant) {
        guard winner == 0 else { return }
        nextStart = nil
        mustCancel = running != 0
        giveUpIfIdle(now)
    }

    private var startsNext: Instant? {
        started < maxAttempts ? nextStart : nil
    }

    /// With nothing under way and no attempt to start now, waiting helps nobody: that is for a retry further out. The call fails
    /// as its first attempt did; what the later ones say may be the hedge's own doing, a full bulkhead for instance.
    private mutating func giveUpIfIdle(_ now: Instant) {
        guard running == 0 else { return }
        if let startsNext, startsNext <= now { return }
        winner = 1
    }
}
