import Holdfast
import HoldfastVirtualTime

extension GateConformance {
    func waitAfterMustWait() throws {
        let probe = try probe(.waitAfterMustWait)
        let world = probe.world
        try world.run {
            let tickets = try probe.fill(after: "nothing")
            if probe.isLimited, probe.queue == 0 {
                let waiter = Waiter(probe)
                await world.idle()
                guard case .rejected = waiter.end else {
                    throw probe.failure("a call that asked to wait where nobody can was not refused: \(waiter.story)")
                }
            }
            if probe.queue > 0 {
                guard case .mustWait = probe.admit() else { throw probe.failure("a used-up gate with a queue did not say mustWait") }
            }
            probe.settle(tickets)
            probe.recover()
            guard probe.limits.upperBound > 0 else { return }
            let waiter = Waiter(probe)
            await world.idle()
            guard let ticket = waiter.ticket else {
                throw probe.failure("a permit was free, and waitForPermit did not give it at once: \(waiter.story)")
            }
            probe.settle([ticket])
            probe.recover()
            try await probe.expectFresh(after: "waiting for a permit that was free")
        }
    }

    func waitersAreServed() throws {
        let probe = try probe(.waitersAreServed)
        try probe.world.run {
            for _ in 0..<5 {
                var held = try probe.fill(after: "serving waiters")
                let waiters = try await probe.fillQueue(after: "serving waiters")
                for _ in waiters {
                    probe.settle(held)
                    probe.recover()
                    await probe.world.idle()
                    held = []
                    for waiter in waiters { if let ticket = waiter.take() { held.append(ticket) } }
                }
                probe.settle(held)
                if let lost = waiters.first(where: { !$0.hasTaken }) {
                    throw probe.failure("a waiter never got its permit: \(lost.story)")
                }
                probe.recover()
            }
            try await probe.expectFresh(after: "serving waiters")
        }
    }

    func cancelledWaiterLeaves() throws {
        let probe = try probe(.cancelledWaiterLeaves)
        let world = probe.world
        try world.run {
            for turn in 0..<5 {
                let tickets = try probe.fill(after: "cancelling waiters")
                if probe.queue > 0 {
                    let early = Waiter(probe, isCancelled: true)
                    await world.idle()
                    guard early.wasCancelled else { throw probe.failure("a task cancelled before it waited: \(early.story)") }
                }
                let waiters = try await probe.fillQueue(after: "cancelling waiters")
                let now = world.now()
                for waiter in turn % 2 == 0 ? waiters : waiters.reversed() { waiter.cancel() }
                await world.idle()
                for waiter in waiters where !waiter.wasCancelled || waiter.endedAt != now {
                    throw probe.failure("a cancelled waiter did not leave at once with CancellationError: \(waiter.story)")
                }
                for waiter in try await probe.fillQueue(after: "cancelling waiters") { waiter.cancel() }
                await world.idle()
                probe.settle(tickets)
                probe.recover()
            }
            try await probe.expectFresh(after: "cancelling waiters")
        }
    }

    func cancelledAtTheGrant() throws {
        let probe = try probe(.cancelledAtTheGrant)
        let world = probe.world
        try world.run {
            for turn in 0..<10 {
                let held = try probe.fill(after: "cancelling waiters as they were served")
                let waiters = try await probe.fillQueue(after: "cancelling waiters as they were served")
                let settlesFirst = turn % 2 == 0
                if !settlesFirst { waiters.first?.cancel() }
                probe.settle(held)
                probe.recover()
                if settlesFirst { waiters.first?.cancel() }
                await world.idle()
                if let waiter = waiters.first, !waiter.wasCancelled, waiter.ticket == nil {
                    throw probe.failure("a waiter cancelled as it was served neither has a permit nor was cancelled: \(waiter.story)")
                }
                for waiter in waiters.dropFirst() { waiter.cancel() }
                await world.idle()
                probe.settle(waiters.compactMap(\.ticket))
                probe.recover()
            }
            try await probe.expectFresh(after: "cancelling waiters as they were served")
        }
    }
}
