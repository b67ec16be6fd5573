extension GateConformance {
    /// One thing that pipelines rely on.
    public enum Check: String, CaseIterable, Hashable, Sendable {
        /// Every ticket can be settled once, whatever the order in which calls end.
        case settlesInAnyOrder
        /// What an attempt held comes back however it ended: success, failure, ignored, cancelled, superseded.
        case capacityReturns
        /// A permit that is dropped, or settled, gives its ticket back, once.
        case droppedPermitReturns
        /// A permit that came free between `mustWait` and `waitForPermit` is had at once; without one, the wait ends with a rejection.
        case waitAfterMustWait
        /// Everybody in the queue gets a permit in the end.
        case waitersAreServed
        /// A cancelled waiter leaves at once, with `CancellationError`, and costs nothing.
        case cancelledWaiterLeaves
        /// A waiter cancelled together with the grant either has the permit or has left it to the next.
        case cancelledAtTheGrant
        /// A waiter leaves by its deadline.
        case waiterLeavesAtItsDeadline
        /// A call whose deadline has passed does not wait, and uses nothing up.
        case pastDeadlineNeverWaits
        /// A clock that runs backwards or stands still neither gives nor takes permits.
        case clockRunsBackwards
        /// A clock at the ends of what it can count does no harm.
        case clockAtItsEnds
        /// A rejection carries the gate's name and kind, and a reason.
        case rejectionsSayWho
        /// Every rejection is one event, in order, and listeners are told by whom.
        case eventsTellDecisions
        /// Attempts let through and refused are counted, each once.
        case countersTellDecisions
        /// Sixty-four tasks with random cancellation leave the gate as it was: in a virtual world, in an order drawn from the seed.
        case manyTasks
        /// The same on threads; run it under the thread sanitizer.
        case manyThreads
    }
}
