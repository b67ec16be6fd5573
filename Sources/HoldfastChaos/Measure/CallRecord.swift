/// What is known of one call once it has ended; times are nanoseconds from the start of the run.
package struct CallRecord: Sendable, Hashable {
    package var load: String
    /// The number of the call in its load, from 0.
    package var index: Int
    /// When it was meant to start; latency counts from here.
    package var intendedStart: Int64
    /// When it did start; the intended start of a call that never did.
    package var started: Int64
    package var ended: Int64
    package var outcome: CallOutcome
    /// Attempts sent on the wire.
    package var attempts: Int
    /// Those of them that a hedge started beside others.
    package var hedges: Int
    /// Attempts that the policies began, whether or not they got as far as the wire.
    package var begun: Int
    /// Attempts that the transport sent once more by itself, because the server had not looked at them.
    package var resends: Int
    /// The answer belonged to another request.
    package var hasWrongData: Bool
    /// The main path answered although the deadline had passed.
    package var isAnsweredLate: Bool

    package init(
        load: String, index: Int, intendedStart: Int64, started: Int64, ended: Int64, outcome: CallOutcome, attempts: Int,
        hedges: Int = 0, begun: Int? = nil, resends: Int = 0, hasWrongData: Bool = false, isAnsweredLate: Bool = false
    ) {
        self.load = load
        self.index = index
        self.intendedStart = intendedStart
        self.started = started
        self.ended = ended
        self.outcome = outcome
        self.attempts = attempts
        self.hedges = hedges
        self.begun = begun ?? attempts
        self.resends = resends
        self.hasWrongData = hasWrongData
        self.isAnsweredLate = isAnsweredLate
    }
}
