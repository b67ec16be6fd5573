import Holdfast
import HoldfastVirtualTime

extension GateConformance {
    func waiterLeavesAtItsDeadline() throws {
        let probe = try probe(.waiterLeavesAtItsDeadline)
        let world = probe.world
        try world.run {
            for allowed in [Duration.microseconds(1), .milliseconds(10)] {
                let tickets = try probe.fill(after: "waiters' deadlines")
                let deadline = world.now() + allowed
                var waiters: [Waiter] = []
                for _ in 0..<probe.queue {
                    var attempt = probe.attempt(deadline: deadline)
                    guard case .mustWait = probe.gate.admit(&attempt) else { continue }
                    waiters.append(Waiter(probe, deadline: deadline))
                    await world.idle()
                }
                try await world.timeSource.sleep(until: deadline + .milliseconds(1))
                for waiter in waiters {
                    switch waiter.end {
                    case .ticket where waiter.endedAt! <= deadline: break
                    case .rejected: break
                    default: throw probe.failure("a waiter did not leave by its deadline with a rejection: \(waiter.story)")
                    }
                }
                probe.settle(tickets + waiters.compactMap(\.ticket))
                probe.recover()
            }
            try await probe.expectFresh(after: "waiters' deadlines")
        }
    }

    func pastDeadlineNeverWaits() throws {
        let probe = try probe(.pastDeadlineNeverWaits)
        let world = probe.world
        try world.run {
            let tickets = try probe.fill(after: "nothing")
            for age in [Duration.zero, .nanoseconds(1), .seconds(3600)] where probe.isLimited {
                var attempt = probe.attempt(deadline: world.now() - age)
                switch probe.gate.admit(&attempt) {
                case .rejected: continue
                case .admitted: throw probe.failure("a used-up gate let a call through whose deadline had passed")
                case .mustWait:
                    let waiter = Waiter(probe, deadline: world.now() - age)
                    await world.idle()
                    guard case .rejected = waiter.end else {
                        throw probe.failure("a call whose deadline had passed was not refused at once: \(waiter.story)")
                    }
                }
            }
            probe.settle(tickets)
            probe.recover()
            try await probe.expectFresh(after: "calls whose deadline had passed")
        }
    }

    func clockRunsBackwards() throws {
        let probe = try probe(.clockRunsBackwards)
        let hour = Duration.seconds(3600)
        probe.world.advance(by: .seconds(7200))
        let story = "the clock ran backwards"
        for _ in 0..<3 {
            let tickets = try probe.fill(after: story)
            let half = tickets.count / 2
            probe.clock.set(off: .zero - hour)
            if probe.isLimited, case .admitted = probe.admit() { throw probe.failure("a clock set back gave a permit") }
            probe.settle(Array(tickets[..<half]))
            probe.clock.set(off: .zero)
            if case .started = probe.capacity, case .admitted = probe.admit() {
                throw probe.failure("a clock set back and forth gave a permit")
            }
            probe.clock.set(off: .zero - hour)
            probe.settle(Array(tickets[half...]))
            probe.clock.set(off: .zero)
            probe.recover()
        }
        try probe.world.run { try await probe.expectFresh(after: story) }
    }

    func clockAtItsEnds() throws {
        for start in [.min, .min + 1, -1, 0, .max - 1_000_000_000, .max - 1] as [Int64] {
            let probe = try probe(.clockAtItsEnds, VirtualTime(start: Instant(nanoseconds: start)))
            for round in 0..<3 {
                let tickets = round == 0 ? try probe.fill(after: "the clock started at \(start) ns") : []
                probe.settle(tickets)
                probe.world.advance(by: .seconds(Int64.max))
                if case .admitted(let ticket) = probe.admit() { probe.settle([ticket], .judged(.cancelled)) }
            }
        }
    }
}
