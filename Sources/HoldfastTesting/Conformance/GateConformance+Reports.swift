import Holdfast
import HoldfastVirtualTime

extension GateConformance {
    func rejectionsSayWho() throws {
        try refusing(.rejectionsSayWho) { probe, _, _ in
            for _ in 0..<3 {
                guard case .rejected(let rejection) = probe.admit() else { throw probe.failure("a used-up gate did not refuse") }
                guard rejection.policy == probe.gate.name, rejection.kind == probe.gate.kind else {
                    throw probe.failure("it refused in the name of \(rejection.kind) \"\(rejection.policy)\"")
                }
                guard !rejection.reason.rawValue.isEmpty else { throw probe.failure("it refused without a reason") }
                if let retryAfter = rejection.retryAfter, retryAfter < .zero {
                    throw probe.failure("it told to try again \(retryAfter) from now")
                }
            }
        }
    }

    func eventsTellDecisions() throws {
        try refusing(.eventsTellDecisions) { probe, recorder, held in
            var reasons = held.refusals
            for _ in 0..<3 {
                if case .rejected(let rejection) = probe.admit() { reasons.append(rejection.reason) }
                probe.world.advance(by: .nanoseconds(1))
            }
            let events = recorder.events
            guard events.compactMap(\.decision.rejection) == reasons else {
                throw probe.failure("it refused \(reasons) and told \(recorder.lines)")
            }
            for event in events where event.policy != probe.gate.name || event.kind != probe.gate.kind {
                throw probe.failure("it told in the name of \(event.kind) \"\(event.policy)\"")
            }
            guard events.map(\.at) == events.map(\.at).sorted() else {
                throw probe.failure("its events are out of order: \(recorder.lines)")
            }
        }
    }

    func countersTellDecisions() throws {
        try refusing(.countersTellDecisions) { probe, _, held in
            for _ in 0..<3 { _ = probe.admit() }
            let counters = probe.gate.counters
            guard counters.admitted == held.admitted, counters.rejected == held.refusals.count + 3 else {
                throw probe.failure(
                    "it let \(held.admitted) attempts through and refused \(held.refusals.count + 3), and counted "
                        + "\(counters.admitted) and \(counters.rejected)")
            }
        }
    }

    /// Uses a gate up, its queue too, and looks at how it refuses. A gate without limit never does.
    private func refusing(_ check: Check, _ body: @escaping @Sendable (GateProbe, EventRecorder, Held) throws -> Void) throws {
        let probe = try probe(check)
        guard probe.isLimited else { return }
        let recorder = EventRecorder(probe.gate)
        try probe.world.run {
            var held = Held()
            var tickets: [Ticket] = []
            filling: while true {
                switch probe.admit() {
                case .admitted(let ticket) where tickets.count < probe.limits.upperBound: tickets.append(ticket)
                case .admitted: throw probe.failure("it let more than \(probe.limits.upperBound) attempts through")
                case .rejected(let rejection): held.refusals.append(rejection.reason); break filling
                case .mustWait: break filling
                }
            }
            held.admitted = tickets.count
            let waiters = try await probe.fillQueue(after: "filling it")
            try body(probe, recorder, held)
            for waiter in waiters { waiter.cancel() }
            await probe.world.idle()
            probe.settle(tickets)
        }
    }
}

/// What a gate decided while it was used up.
private struct Held {
    var admitted = 0
    var refusals: [Rejection.Reason] = []
}

extension PolicyEvent.Decision {
    fileprivate var rejection: Rejection.Reason? {
        if case .rejected(let reason, _) = self { reason } else { nil }
    }
}
