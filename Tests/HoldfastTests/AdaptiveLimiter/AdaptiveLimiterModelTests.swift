import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Adaptive limiter: against a list of calls")
struct AdaptiveLimiterModelTests {
    /// A waiting call: its number in the order of arrival, and how its wait ended.
    private final class Waiter: Sendable {
        let number: Int
        let ticket = Locked<Ticket?>(nil)
        let hasEnded = Locked(false)

        init(_ number: Int) {
            self.number = number
        }
    }

    /// What must be so, in the plainest words: as many run as were let in and not settled; one more is let in at once only if fewer
    /// run than the limit and nobody waits; who waits is let in in order, as soon as there is room.
    private struct Model {
        var limit: Int
        var running: [Ticket] = []
        var waiting: [(waiter: Waiter, task: Task<Void, Never>)] = []
    }

    @Test("S51, S54, S70: random calls, ends, cancellations and new limits: exact permits, first in first out, nobody forgotten")
    func random() throws {
        for seed in 0..<600 as Range<UInt64> {
            let world = VirtualTime()
            try world.run {
                var chance = RandomSource(seed: seed)
                // The bounds are one number, so that the limit is what the test says.
                func configuration(_ limit: Int, _ maxQueued: Int) throws -> AdaptiveLimiter.Configuration {
                    try .init(.aimd(), initial: limit, minimum: limit, maximum: limit, maxQueued: maxQueued)
                }
                var model = Model(limit: Int.random(in: 1...6, using: &chance))
                let limiter = AdaptiveLimiter("model", try configuration(model.limit, 8), timeSource: world.timeSource)
                for step in 0..<60 {
                    switch Int.random(in: 0..<10, using: &chance) {
                    case 0...4: try await Self.arrive(limiter, &model, step, world, seed)
                    case 5...7 where !model.running.isEmpty:
                        var attempt = Attempt(world.timeSource)
                        let ticket = model.running.remove(at: Int.random(in: 0..<model.running.count, using: &chance))
                        limiter.settle(ticket, Bool.random(using: &chance) ? .succeeded : .judged(.cancelled), &attempt)
                    case 8 where !model.waiting.isEmpty:
                        let (waiter, task) = model.waiting.remove(at: Int.random(in: 0..<model.waiting.count, using: &chance))
                        task.cancel()
                        await task.value
                        if waiter.ticket.withLock({ $0 }) != nil { Issue.record("a cancelled wait got a permit, seed \(seed)") }
                    case 9:
                        model.limit = Int.random(in: 1...6, using: &chance)
                        limiter.reconfigure(try configuration(model.limit, 8))
                    default: break
                    }
                    await Self.settleModel(limiter, &model, seed)
                }
                for (_, task) in model.waiting {
                    task.cancel()
                    await task.value
                }
                #expect(limiter.queued == 0 && limiter.inFlight == model.running.count, "seed \(seed)")
            }
        }
    }

    private static func arrive(
        _ limiter: AdaptiveLimiter, _ model: inout Model, _ number: Int, _ world: VirtualTime, _ seed: UInt64
    ) async throws {
        var attempt = Attempt(world.timeSource)
        let hasRoom = model.running.count < model.limit && model.waiting.isEmpty
        switch limiter.admit(&attempt) {
        case .admitted(let ticket):
            if !hasRoom { #expect(hasRoom, "seed \(seed)") }
            model.running.append(ticket)
        case .rejected(let rejection):
            let isFull = !hasRoom && model.waiting.count == 8 && rejection.reason == .queueFull
            if !isFull { #expect(isFull, "seed \(seed)") }
        case .mustWait:
            let mayWait = !hasRoom && model.waiting.count < 8
            if !mayWait { #expect(mayWait, "seed \(seed)") }
            let waiter = Waiter(number)
            let waiting = attempt
            let task = Task(executorPreference: world) {
                let ticket = try? await limiter.waitForPermit(waiting)
                waiter.ticket.withLock { $0 = ticket }
                waiter.hasEnded.withLock { $0 = true }
            }
            model.waiting.append((waiter, task))
            await Task.yield()
        }
    }

    /// Lets whoever the limiter let in run, and checks that it was the first in line, and that all were let in that could be.
    private static func settleModel(_ limiter: AdaptiveLimiter, _ model: inout Model, _ seed: UInt64) async {
        while model.running.count < model.limit, !model.waiting.isEmpty {
            let (waiter, task) = model.waiting.removeFirst()
            await task.value
            guard let ticket = waiter.ticket.withLock({ $0 }) else {
                Issue.record("the first in line is forgotten, seed \(seed)")
                return
            }
            model.running.append(ticket)
        }
        await Task.yield()
        let overtook = model.waiting.contains { $0.waiter.hasEnded.withLock { $0 } }
        if overtook { #expect(!overtook, "seed \(seed)") }
        let isExact = limiter.inFlight == model.running.count && limiter.queued == model.waiting.count && limiter.limit == model.limit
        if !isExact {
            #expect(limiter.inFlight == model.running.count, "seed \(seed)")
            #expect(limiter.queued == model.waiting.count, "seed \(seed)")
            #expect(limiter.limit == model.limit, "seed \(seed)")
        }
    }
}
