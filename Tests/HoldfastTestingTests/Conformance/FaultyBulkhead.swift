import Holdfast

/// A bulkhead as somebody might write it, right or with one fault that the conformance suite must find.
final class FaultyBulkhead: Gate {
    enum Fault: String, CaseIterable, Sendable {
        case keepsPermitOfCancelled, givesTwoBackForCancelled, admitsOneTooMany, forgetsWaiters, forgetsFreePermit, keepsPlaceOfCancelled
        case ignoresCancellation, losesPermitAtGrant, ignoresDeadline, waitsPastDeadline, countsByClock, refusesInAnotherName
        case tellsNothing, tellsTwice, countsNothing, hasNoReason
    }

    private struct State {
        var running = 0
        var queue: [Int: OneShot] = [:]
        var nextID = 0
        var latest = Instant(nanoseconds: .min)
    }

    let name = "faulty"
    let kind = PolicyKind(rawValue: "faulty")
    let timeSource: TimeSource
    let eventSource = EventSource()

    private let limit: Int
    private let places: Int
    private let fault: Fault?
    private let state = Locked(State())
    private let admitted = Counter()
    private let rejected = Counter()

    init(_ limit: Int, places: Int, _ fault: Fault?, timeSource: TimeSource) {
        self.limit = fault == .admitsOneTooMany ? limit + 1 : limit
        self.places = places
        self.fault = fault
        self.timeSource = timeSource
    }

    var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.admitted = admitted.value
        counters.rejected = fault == .countsNothing ? 0 : rejected.value
        return counters
    }

    func admit(_ attempt: inout Attempt) -> Admission {
        let now = attempt.now()
        let isLate = attempt.deadline.map { $0 <= now } ?? false
        let decision: Bool? = state.withLock { state in
            if fault == .countsByClock, now < state.latest { state.running = 0 }
            state.latest = max(state.latest, now)
            if state.running < limit {
                state.running += 1
                return true
            }
            return state.queue.count < places && (!isLate || fault == .waitsPastDeadline) ? nil : false
        }
        switch decision {
        case true?:
            admitted.add()
            return .admitted(Ticket())
        case false?: return .rejected(reject())
        case nil: return .mustWait
        }
    }

    func waitForPermit(_ attempt: Attempt) async throws -> Ticket {
        let shot = OneShot()
        enum Place { case free, none, queued(Int) }
        let place: Place = state.withLock { state in
            if state.running < limit, fault != .forgetsFreePermit {
                state.running += 1
                return .free
            }
            guard state.queue.count < places else { return .none }
            state.nextID += 1
            state.queue[state.nextID] = shot
            return .queued(state.nextID)
        }
        guard case .queued(let id) = place else {
            if case .none = place { throw reject() }
            admitted.add()
            return Ticket()
        }
        var timer: TimerHandle?
        if let deadline = attempt.deadline, fault != .ignoresDeadline, fault != .waitsPastDeadline {
            timer = timeSource.schedule(at: deadline) { [self] in
                if state.withLock({ $0.queue.removeValue(forKey: id) }) != nil { shot.finish(.failure(reject())) }
            }
        }
        defer { timer?.cancel() }
        try await withTaskCancellationHandler {
            try await shot.value()
        } onCancel: {
            if fault == .ignoresCancellation { return }
            let wasThere = state.withLock { fault == .keepsPlaceOfCancelled ? true : $0.queue.removeValue(forKey: id) != nil }
            if wasThere { shot.finish(.failure(CancellationError())) }
        }
        if fault == .losesPermitAtGrant { try Task.checkCancellation() }
        admitted.add()
        return Ticket()
    }

    func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        var back = 1
        if case .judged(.cancelled) = completion {
            if fault == .keepsPermitOfCancelled { back = 0 }
            if fault == .givesTwoBackForCancelled { back = 2 }
        }
        let next: OneShot? = state.withLock { state in
            state.running -= back
            guard fault != .forgetsWaiters, state.running < limit, let first = state.queue.keys.min() else { return nil }
            state.running += 1
            return state.queue.removeValue(forKey: first)
        }
        next?.finish(.success(()))
    }

    private func reject() -> Rejection {
        rejected.add()
        let event = PolicyEvent(policy: name, kind: kind, at: timeSource.now(), decision: .rejected(.full, retryAfter: nil))
        if fault != .tellsNothing { eventSource.deliver(event) }
        if fault == .tellsTwice { eventSource.deliver(event) }
        return Rejection(
            policy: fault == .refusesInAnotherName ? "other" : name, kind: kind,
            reason: fault == .hasNoReason ? Rejection.Reason(rawValue: "") : .full)
    }
}
