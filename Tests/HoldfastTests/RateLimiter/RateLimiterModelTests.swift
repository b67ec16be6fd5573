import Testing

@testable import Holdfast

@Suite("Rate limiter: against a slow model")
struct RateLimiterModelTests {
    /// Runs one random sequence; gives what differs first.
    private static func difference(_ algorithm: RateLimiter.Configuration.Algorithm, _ random: inout RandomSource) throws -> String? {
        let maxQueued = Int.random(in: 0...4, using: &random)
        let maxWait = Int64.random(in: 0...60, using: &random)
        let script = try LimiterScript(algorithm, maxWait: .nanoseconds(maxWait), maxQueued: maxQueued)
        var model = LimiterModel(algorithm: algorithm, maxWait: maxWait, maxQueued: maxQueued)
        var now: Int64 = 0
        for step in 0..<10 {
            now += Bool.random(using: &random) ? 0 : Int64.random(in: 0...25, using: &random)
            let instant = Instant(nanoseconds: now)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where !model.queue.isEmpty:
                // Whose turn has come is served before anybody leaves.
                let (expected, served) = (model.serve(at: now), script.serve(instant))
                if served != .init(granted: expected) { return "step \(step): served \(served), not \(expected)" }
                if model.queue.isEmpty { break }
                let id = model.queue.randomElement(using: &random)!.id
                model.cancel(id, at: now)
                if !script.cancel(id, instant) { return "step \(step): waiter \(id) is lost" }
            case 1, 2, 3:
                let (expected, served) = (model.serve(at: now), script.serve(instant))
                if served != .init(granted: expected) { return "step \(step): served \(served), not \(expected)" }
            default:
                let permits = Int.random(in: 1...3, using: &random)
                let (expected, decision) = (model.acquire(permits, at: now), script.acquire(permits, instant))
                if decision != expected { return "step \(step) at \(now): \(permits) permits \(decision), not \(expected)" }
                if decision == .mayWait { model.join(script.join(permits, instant), permits, at: now) }
            }
            if script.machine.queued != model.queue.count { return "step \(step): \(script.machine.queued) wait, not \(model.queue.count)" }
        }
        return nil
    }

    @Test(
        "S50, S51, S52: decisions, waits and turns are those of the model, for random calls, cancellations and times",
        arguments: ["tokenBucket", "slidingWindow", "fixedWindow", "pacing"])
    func model(kind: String) async throws {
        for seed in 0..<5000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let permits = Int.random(in: 1...5, using: &random)
            let per = Duration.nanoseconds(Int64.random(in: 1...30, using: &random))
            let algorithm: RateLimiter.Configuration.Algorithm =
                switch kind {
                case "tokenBucket": .tokenBucket(permits: permits, per: per, burst: Int.random(in: 1...5, using: &random))
                case "slidingWindow": .slidingWindow(permits: permits, per: per)
                case "fixedWindow": .fixedWindow(permits: permits, per: per)
                default: .pacing(permits: permits, per: per)
                }
            if let difference = try Self.difference(algorithm, &random) {
                Issue.record("seed \(seed), \(algorithm): \(difference)")
                return
            }
            // Other tests share the few threads of the pool, and some of theirs have deadlines to keep.
            if seed % 4 == 0 { await Task.yield() }
        }
    }
}
