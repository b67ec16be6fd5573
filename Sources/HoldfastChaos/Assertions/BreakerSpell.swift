/// A stretch of time that a breaker spent in one state; nanoseconds from the start of the run.
package struct BreakerSpell: Sendable, Hashable {
    package var state: BreakerState
    package var start: Int64
    package var end: Int64

    /// Cuts a run into spells; every breaker begins closed.
    package static func spells(_ transitions: [BreakerTransition], end: Int64) -> [BreakerSpell] {
        var spells = [BreakerSpell(state: .closed, start: 0, end: max(end, 0))]
        for transition in transitions where transition.state != spells[spells.count - 1].state {
            spells[spells.count - 1].end = transition.offset
            spells.append(BreakerSpell(state: transition.state, start: transition.offset, end: max(end, transition.offset)))
        }
        return spells
    }
}
