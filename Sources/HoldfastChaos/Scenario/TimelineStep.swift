/// One step of a breaker's story: it is in a state, at a given time or a number of times.
package struct TimelineStep: Sendable, Hashable {
    package var state: BreakerState
    /// Where the search begins; nil for where the step before ended.
    package var after: TimeReference?
    /// How long after `after` at most; nil for any time.
    package var within: Duration?
    /// How many spells in that state there are at least, the first of them in time.
    package var atLeast: Int

    package init(state: BreakerState, after: TimeReference? = nil, within: Duration? = nil, atLeast: Int = 1) {
        self.state = state
        self.after = after
        self.within = within
        self.atLeast = atLeast
    }
}
