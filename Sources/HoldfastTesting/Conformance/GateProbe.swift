import Holdfast
import HoldfastVirtualTime

/// One gate under one check, with what is needed to use it up and let it recover.
final class GateProbe: Sendable {
    let world: VirtualTime
    let clock: SkewedTime
    let gate: any Gate
    let capacity: GateConformance.Capacity
    let queue: Int
    private let check: GateConformance.Check
    private let seed: UInt64

    init(_ suite: GateConformance, _ check: GateConformance.Check, _ world: VirtualTime) throws {
        self.world = world
        self.check = check
        clock = SkewedTime(world)
        capacity = suite.capacity
        queue = suite.queue
        seed = suite.seed
        gate = try suite.make(TimeSource(virtual: clock))
    }

    func failure(_ problem: String) -> ConformanceFailure {
        ConformanceFailure(gate: gate, check: check, problem: problem, seed: seed)
    }

    func attempt(deadline: Instant? = nil) -> Attempt {
        Attempt(gate.timeSource, deadline: deadline)
    }

    func admit() -> Admission {
        var attempt = attempt()
        return gate.admit(&attempt)
    }

    func settle(_ tickets: [Ticket], _ completion: Completion = .succeeded) {
        for ticket in tickets {
            var attempt = attempt()
            gate.settle(ticket, completion, &attempt)
        }
    }

    /// How many may be let through while nothing is settled and no time passes; of a gate without limit, some.
    var limits: ClosedRange<Int> {
        switch capacity {
        case .unlimited: 32...32
        case .running(let range): range
        case .started(let count, _): count...count
        }
    }

    var isLimited: Bool {
        if case .unlimited = capacity { false } else { true }
    }

    /// Admits until the gate does not let anybody through any more.
    /// - Parameter story: what was done to the gate before, for the message.
    /// - Throws: ``ConformanceFailure`` if that are too few or too many.
    @discardableResult
    func fill(after story: String) throws -> [Ticket] {
        var tickets: [Ticket] = []
        while tickets.count < (isLimited ? limits.upperBound + 1 : limits.upperBound), case .admitted(let ticket) = admit() {
            tickets.append(ticket)
        }
        guard limits.contains(tickets.count) else {
            let expected = limits.count == 1 ? "\(limits.lowerBound)" : "\(limits.lowerBound) to \(limits.upperBound)"
            throw failure("after \(story) it let \(tickets.count) attempts through instead of \(expected)")
        }
        return tickets
    }

    /// Lets the time pass in which permits come by themselves.
    func recover() {
        if case .started(_, let time) = capacity { world.advance(by: time) }
    }

    /// Everything is as in a new gate: all permits can be had, and all places in the queue.
    func expectFresh(after story: String) async throws {
        let tickets = try fill(after: story)
        let waiters = try await fillQueue(after: story)
        for waiter in waiters { waiter.cancel() }
        await world.idle()
        settle(tickets, .judged(.cancelled))
        recover()
    }

    /// Fills the queue of a gate that is used up.
    func fillQueue(after story: String) async throws -> [Waiter] {
        var waiters: [Waiter] = []
        for number in 0..<queue {
            guard case .mustWait = admit() else {
                throw failure("after \(story) only \(number) of \(queue) calls could wait")
            }
            waiters.append(Waiter(self))
            await world.idle()
            guard waiters[number].end == nil else {
                throw failure("after \(story) a waiter's wait ended at once: \(waiters[number].story)")
            }
        }
        return waiters
    }
}
