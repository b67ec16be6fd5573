import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Bulkhead: against a slow model")
struct BulkheadModelTests {
    /// A slow, obviously right bulkhead: a number of running calls and a plain array of those that wait.
    private struct Model {
        var limit: Int
        let maxQueued: Int
        let maxWait: Int64
        let isAdaptive: Bool
        var running = 0
        var queue: [(id: Int, latest: Int64)] = []
        var occupiedSince: Int64 = 0

        mutating func arrive(_ id: Int, _ now: Int64) -> Rejection.Reason? {
            if queue.isEmpty, running < limit {
                running += 1
                return nil
            }
            guard maxQueued > 0, maxWait > 0 else { return .full }
            guard queue.count < maxQueued else { return .queueFull }
            if queue.isEmpty { occupiedSince = now }
            queue.append((id, now + maxWait))
            return nil
        }

        /// Lets in whom there is room for; gives who was let in and who waited too long.
        mutating func serve(_ now: Int64) -> (granted: [Int], expired: [Int]) {
            let expired = queue.filter { $0.latest < now }.map(\.id)
            queue.removeAll { $0.latest < now }
            var granted: [Int] = []
            while running < limit, !queue.isEmpty {
                let takesNewest = isAdaptive && now - occupiedSince > 100_000_000
                granted.append((takesNewest ? queue.removeLast() : queue.removeFirst()).id)
                running += 1
            }
            return (granted, expired)
        }
    }

    /// Drives word and state machine as the shell does, without tasks; gives what differs first.
    private static func difference(_ random: inout RandomSource) throws -> String? {
        let limit = Int.random(in: 1...3, using: &random)
        let maxQueued = Int.random(in: 0...4, using: &random)
        let maxWait = Int64.random(in: 0...300, using: &random) * 1_000_000
        let isAdaptive = Bool.random(using: &random)
        func configuration(_ limit: Int) throws -> Bulkhead.Configuration {
            try .init(
                maxConcurrent: limit, maxQueued: maxQueued, maxWait: .nanoseconds(maxWait), order: isAdaptive ? .adaptiveLifo : .fifo)
        }
        var word = BulkheadWord(limit: limit)
        var machine = BulkheadStateMachine(try configuration(limit))
        var model = Model(limit: limit, maxQueued: maxQueued, maxWait: maxWait, isAdaptive: isAdaptive)
        var now: Int64 = 0
        for step in 0..<16 {
            now += Int64.random(in: 0...60, using: &random) * 1_000_000
            let instant = Instant(nanoseconds: now)
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1, 2:
                var reason: Rejection.Reason?
                var id = 0
                if !word.needsLock, word.hasRoom {
                    word = word.entered
                } else if case .rejected(let why) = machine.decide(instant, deadline: nil) {
                    reason = why
                } else {
                    word = word.waitedFor(true)
                    id = machine.enqueue(instant, deadline: nil)
                }
                let expected = model.arrive(id, now)
                if reason != expected { return "step \(step): \(String(describing: reason)), not \(String(describing: expected))" }
            case 3 where model.running > 0, 4 where model.running > 0:
                word = BulkheadWord(word.rawValue - BulkheadWord.oneLeaving)
                model.running -= 1
            case 5 where !model.queue.isEmpty:
                let id = model.queue.randomElement(using: &random)!.id
                model.queue.removeAll { $0.id == id }
                if !machine.cancel(id) { return "step \(step): waiter \(id) is lost" }
            case 6:
                model.limit = Int.random(in: 1...4, using: &random)
                word = word.limited(to: model.limit)
                machine.reconfigure(try configuration(model.limit))
            default: break
            }
            let expected = model.serve(now)
            let expired = machine.expire(instant)
            var granted: [Int] = []
            while machine.queued > 0, word.hasRoom, let id = machine.next(instant) {
                word = word.entered
                granted.append(id)
            }
            if machine.queued == 0 { word = word.waitedFor(false) }
            if granted != expected.granted || expired != expected.expired {
                return "step \(step): \(granted) in and \(expired) dropped, not \(expected)"
            }
            if word.running != model.running || machine.queued != model.queue.count {
                return "step \(step): \(word.running) run and \(machine.queued) wait, not \(model.running) and \(model.queue.count)"
            }
        }
        return nil
    }

    @Test("S50, S51, S54: who runs, who waits and who is refused is as in the model, for random calls, cancellations, limits and times")
    func model() async throws {
        for seed in 0..<20_000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            if let difference = try Self.difference(&random) {
                Issue.record("seed \(seed): \(difference)")
                return
            }
            // Other tests share the few threads of the pool, and some of theirs have deadlines to keep.
            if seed % 4 == 0 { await Task.yield() }
        }
    }
}
