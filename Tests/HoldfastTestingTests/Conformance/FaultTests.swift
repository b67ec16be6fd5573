import Holdfast
import HoldfastTesting
import Testing

@Suite("Gate conformance: what it finds")
struct FaultTests {
    private static func suite(_ fault: FaultyBulkhead.Fault?, places: Int = 3) -> GateConformance {
        GateConformance(capacity: .running(4...4), queue: places) { FaultyBulkhead(4, places: places, fault, timeSource: $0) }
    }

    @Test("A right gate conforms, with a queue or without", arguments: [0, 1, 3])
    func rightGate(places: Int) async {
        let failures = await Self.suite(nil, places: places).failures()
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test(
        "Every fault is found by the check that is there for it",
        arguments: [
            (.keepsPermitOfCancelled, .capacityReturns), (.keepsPermitOfCancelled, .droppedPermitReturns),
            (.givesTwoBackForCancelled, .capacityReturns), (.admitsOneTooMany, .settlesInAnyOrder), (.forgetsWaiters, .waitersAreServed),
            (.forgetsFreePermit, .waitAfterMustWait), (.keepsPlaceOfCancelled, .cancelledWaiterLeaves),
            (.ignoresCancellation, .cancelledWaiterLeaves), (.losesPermitAtGrant, .cancelledAtTheGrant),
            (.ignoresDeadline, .waiterLeavesAtItsDeadline), (.waitsPastDeadline, .pastDeadlineNeverWaits),
            (.countsByClock, .clockRunsBackwards), (.refusesInAnotherName, .rejectionsSayWho), (.hasNoReason, .rejectionsSayWho),
            (.tellsNothing, .eventsTellDecisions), (.tellsTwice, .eventsTellDecisions), (.countsNothing, .countersTellDecisions),
            (.losesPermitAtGrant, .manyTasks), (.forgetsWaiters, .manyTasks), (.keepsPermitOfCancelled, .manyThreads),
        ] as [(FaultyBulkhead.Fault, GateConformance.Check)])
    func finds(fault: FaultyBulkhead.Fault, check: GateConformance.Check) async {
        await #expect {
            try await Self.suite(fault).check(check)
        } throws: {
            ($0 as? ConformanceFailure)?.check == check
        }
    }

    @Test("A failure reads as a sentence that names the gate, the check, the problem and the seed")
    func sentence() async {
        let failures = await Self.suite(.keepsPermitOfCancelled).failures()
        #expect(
            failures.first.map { "\($0)" }
                == #"faulty "faulty" fails capacityReturns: after attempts that ended as judged(Holdfast.Outcome.cancelled) "#
                + "it let 0 attempts through instead of 4 (seed 1)")
    }
}
