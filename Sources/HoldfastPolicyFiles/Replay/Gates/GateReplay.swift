import Holdfast

/// Drives a gate: asks it for calls, ends them, and lets those that must wait do so.
final class GateReplay<Policy: ReplayedGate>: Replay {
    /// A call that the gate was asked about.
    private struct Held {
        var call: TraceCall
        /// Nil while the call waits.
        var ticket: Ticket?
        /// What waits for it.
        var waiting: Task<Void, Never>?
        /// How it ends by itself; nil if it is told to end.
        var end: (result: TraceResult, after: Duration)?
    }

    private struct State {
        var held: [String: Held] = [:]
        var unnamed = 0
        /// The call that asked last.
        var last = CallAttributes()
        /// Calls that left a queue since the step before.
        var served: [JSONText] = []
    }

    private enum Decision {
        case admitted
        case waiting
        case rejected(Rejection)
    }

    private let gate: Policy
    private let clock: ReplayClock
    private let events: PolicyEvents
    private let state = Locked(State())

    init(_ gate: Policy, _ clock: ReplayClock) {
        self.gate = gate
        self.clock = clock
        events = PolicyEvents(gate.eventSources, capacity: 1_000_000)
    }

    func perform(_ event: TraceEvent, into line: inout ReplayLine) async {
        switch event {
        case .call(let call, let result, let duration):
            ask(call, end: (result, duration), into: &line)
        case .admit(let call, _):
            ask(call, end: nil, into: &line)
        case .record(let result, let duration, let times):
            record(result, duration, times, into: &line)
        case .settle(let name, let result):
            line.add("settled", settle(name, result))
        case .answer(let name):
            line.add("settled", answer(name))
        case .drop(let name):
            line.add("settled", drop(name))
        case .control(let word):
            await gate.control(word)
        case .reconfigure(let subject):
            await gate.reconfigure(subject)
        case .pressure(let pressures):
            gate.press(pressures)
        case .sample(let rtt, let inFlight, let didDrop):
            sample(rtt, inFlight, didDrop, into: &line)
        default: break
        }
    }

    func report(into line: inout ReplayLine) {
        gate.report(state.withLock { $0.last }, into: &line)
        let served = state.withLock { state in
            defer { state.served.removeAll() }
            return state.served
        }
        line.add("served", .array(served))
        line.add(gate.counters, events.takeBuffered())
    }

    func finish() {
        let waiting = state.withLock { $0.held.values.compactMap(\.waiting) }
        for task in waiting { task.cancel() }
    }

    // MARK: Asking

    private func ask(_ call: TraceCall, end: (TraceResult, Duration)?, into line: inout ReplayLine) {
        state.withLock { $0.last = call.attributes }
        var decision = Decision.admitted
        var wait: Duration?
        var admitted = 0
        for _ in 0..<call.times {
            wait = gate.wait(for: call.attributes)
            decision = ask(call, end: end)
            if case .admitted = decision { admitted += 1 }
        }
        switch decision {
        case .admitted: wait = .zero
        case .waiting: break
        case .rejected: wait = nil
        }
        note(decision, into: &line)
        line.add("wait", wait)
        if call.times > 1 { line.add("admittedCount", admitted) }
    }

    private func ask(_ call: TraceCall, end: (TraceResult, Duration)?) -> Decision {
        var attempt = attempt(call)
        let name = name(of: call)
        switch gate.admit(&attempt) {
        case .rejected(let rejection):
            return .rejected(rejection)
        case .admitted(let ticket):
            state.withLock { $0.held[name] = Held(call: call, ticket: ticket, end: end) }
            begin(name)
            return .admitted
        case .mustWait:
            return wait(call, name, attempt, end: end)
        }
    }

    private func wait(_ call: TraceCall, _ name: String, _ attempt: Attempt, end: (TraceResult, Duration)?) -> Decision {
        state.withLock { $0.held[name] = Held(call: call, end: end) }
        let refusal = Locked<Rejection?>(nil)
        let task = Task(executorPreference: clock) { [self] in
            do {
                let ticket = try await gate.waitForPermit(attempt)
                note(call, "admitted")
                state.withLock { $0.held[name]?.ticket = ticket }
                begin(name)
            } catch {
                let rejection = error as? Rejection
                note(call, rejection?.reason.rawValue ?? "cancelled")
                refusal.withLock { $0 = rejection }
                _ = state.withLock { $0.held.removeValue(forKey: name) }
            }
        }
        clock.runReadyJobs()
        if let rejection = refusal.withLock({ $0 }) { return .rejected(rejection) }
        let isAdmitted = state.withLock { state in
            state.held[name]?.waiting = task
            return state.held[name]?.ticket != nil || state.held[name] == nil
        }
        return isAdmitted ? .admitted : .waiting
    }

    /// Sees to the end of a call that has its permit and ends by itself.
    private func begin(_ name: String) {
        guard let (result, duration) = state.withLock({ $0.held[name]?.end }) else { return }
        guard duration > .zero else {
            settle(name, result)
            return
        }
        _ = clock.schedule(at: clock.now().advanced(by: duration)) { [self] in
            settle(name, result)
        }
    }

    /// An attempt that ended now counts as if it had begun as much earlier as it took.
    private func record(_ result: TraceResult, _ duration: Duration, _ times: Int, into line: inout ReplayLine) {
        var decision = Decision.admitted
        for _ in 0..<times {
            var attempt = attempt(TraceCall())
            if gate.countsUnasked {
                gate.settle(Ticket(), result.completion, &attempt)
                continue
            }
            switch gate.admit(&attempt) {
            case .admitted(var ticket):
                if ticket.mark != .distantFuture { ticket.mark = ticket.mark - duration }
                gate.settle(ticket, result.completion, &attempt)
                decision = .admitted
            case .rejected(let rejection): decision = .rejected(rejection)
            case .mustWait: decision = .waiting
            }
        }
        note(decision, into: &line)
    }

    /// An attempt that took that long and began with so many in flight, itself included.
    private func sample(_ rtt: Duration, _ inFlight: Int, _ didDrop: Bool, into line: inout ReplayLine) {
        var attempt = attempt(TraceCall())
        guard case .admitted(var ticket) = gate.admit(&attempt) else { return line.add("admitted", false) }
        ticket.mark = attempt.now() - rtt
        ticket.slot = inFlight
        let drop = TraceFailure(code: .deadlineExceeded, isTimeout: true)
        gate.settle(ticket, didDrop ? .failed(drop.error) : .succeeded, &attempt)
        line.add("admitted", true)
    }

    // MARK: Ending

    @discardableResult
    private func settle(_ name: String, _ result: TraceResult) -> Bool {
        guard let held = state.withLock({ $0.held.removeValue(forKey: name) }) else { return false }
        guard let ticket = held.ticket else {
            held.waiting?.cancel()
            return true
        }
        var attempt = attempt(held.call)
        gate.settle(ticket, result.completion, &attempt)
        return true
    }

    private func answer(_ name: String) -> Bool {
        guard let held = state.withLock({ $0.held[name] }), let ticket = held.ticket else { return false }
        var attempt = attempt(held.call)
        let next = gate.answered(ticket, &attempt)
        state.withLock { $0.held[name]?.ticket = next }
        return true
    }

    private func drop(_ name: String) -> Bool {
        settle(name, .judged(.cancelled))
    }

    // MARK: Names and notes

    private func attempt(_ call: TraceCall) -> Attempt {
        let deadline = call.deadline.map { clock.now().advanced(by: $0) }
        return Attempt(clock.timeSource, deadline: deadline, attributes: call.attributes)
    }

    /// A call that no later step speaks of gets a name that no text can be: names are not empty and hold no line break.
    private func name(of call: TraceCall) -> String {
        if let name = call.name { return name }
        return state.withLock { state in
            state.unnamed += 1
            return "\n\(state.unnamed)"
        }
    }

    private func note(_ call: TraceCall, _ what: String) {
        let served = JSONText.object([
            ("name", .string(call.name)), ("at", .milliseconds(clock.now())), ("decision", .string(what)),
        ])
        state.withLock { $0.served.append(served) }
    }

    private func note(_ decision: Decision, into line: inout ReplayLine) {
        switch decision {
        case .admitted:
            line.add("admitted", true)
            line.add("decision", "admitted")
            line.add("reason", String?.none)
            line.add("retryAfter", Duration?.none)
        case .waiting:
            line.add("admitted", false)
            line.add("decision", "waiting")
            line.add("reason", String?.none)
            line.add("retryAfter", Duration?.none)
        case .rejected(let rejection):
            line.add("admitted", false)
            line.add("decision", "rejected")
            line.add("reason", rejection.reason.rawValue)
            line.add("retryAfter", rejection.retryAfter)
        }
    }
}
