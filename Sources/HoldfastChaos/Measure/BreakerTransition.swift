/// A breaker changed its state.
package struct BreakerTransition: Sendable, Hashable {
    /// The policy element: `say/circuitBreaker`.
    package var breaker: String
    /// Nanoseconds from the start of the run.
    package var offset: Int64
    package var state: BreakerState

    package init(breaker: String, offset: Int64, state: BreakerState) {
        self.breaker = breaker
        self.offset = offset
        self.state = state
    }
}
