import HoldfastVirtualTime
import Testing

@testable import Holdfast

/// What lints say is held against what the pipeline then does, with a service that hangs. The pipeline itself is the model.
@Suite("Pipeline: what lints say is so")
struct PipelineLintTruthTests {
    /// When attempts started and ended, in nanoseconds.
    private struct Record {
        var starts: [Int64] = []
        var firstEnd: Int64?
    }

    /// Runs a pipeline around an operation that hangs until it is cancelled.
    private static func hang(_ pipeline: Pipeline, _ world: VirtualTime) throws -> Record {
        let record = Locked(Record())
        try world.run {
            do {
                _ = try await pipeline.run { _ in
                    let isFirst = record.withLock { record in
                        record.starts.append(world.now().nanoseconds)
                        return record.starts.count == 1
                    }
                    defer { if isFirst { record.withLock { $0.firstEnd = world.now().nanoseconds } } }
                    try await world.timeSource.sleep(for: .seconds(3600))
                }
            } catch {}
        }
        return record.withLock { $0 }
    }

    @Test("S82: attempts are said to be cut off exactly when they are", arguments: 1...20)
    func retries(seed: UInt64) throws {
        var random = SplitMix64State(seed: seed)
        for _ in 0..<50 {
            let world = VirtualTime()
            // Small numbers, so that ties come up often.
            let attempt = Int64.random(in: 1...6, using: &random)
            let total = Int64.random(in: attempt + 1...30, using: &random)
            let attempts = Int.random(in: 2...5, using: &random)
            let backoff = try [
                Backoff.constant(.nanoseconds(Int64.random(in: 0...4, using: &random)), jitter: .none),
                Backoff.linear(base: .nanoseconds(1), step: .nanoseconds(2), max: .nanoseconds(6), jitter: .none),
                Backoff.exponential(base: .nanoseconds(1), max: .nanoseconds(7), jitter: .none),
            ].randomElement(using: &random)!
            let pipeline = try Pipeline("p", timeSource: world.timeSource) {
                try Timeout(after: .nanoseconds(total), timeSource: world.timeSource)
                Retry("r", try .init(maxAttempts: attempts, backoff: backoff, budget: nil), timeSource: world.timeSource)
                try Timeout(after: .nanoseconds(attempt), timeSource: world.timeSource)
            }
            let starts = try Self.hang(pipeline, world).starts
            let isCutOff = starts.count < attempts || starts[starts.count - 1] - starts[0] + attempt > total
            let rules = pipeline.lint().map(\.rule)
            if isCutOff != (rules.contains(.retryCannotFit) || rules.contains(.retryNeverActs)) {
                Issue.record("seed \(seed): starts \(starts)\n\(pipeline)\n\(pipeline.lint())")
            }
            if rules.contains(.retryNeverActs), starts.count > 1 { Issue.record("seed \(seed): acts\n\(pipeline)") }
        }
    }

    @Test("S82: a hedge is said never to fire exactly when nothing starts beside an attempt that hangs", arguments: 1...20)
    func hedges(seed: UInt64) throws {
        var random = SplitMix64State(seed: seed)
        for _ in 0..<50 {
            let world = VirtualTime()
            let delay = Int64.random(in: 1...8, using: &random)
            let hedge = Hedge("h", try .init(after: .fixed(.nanoseconds(delay)), budget: nil), timeSource: world.timeSource)
            let outer = Bool.random(using: &random) ? Int64.random(in: 1...8, using: &random) : nil
            let inner = outer == nil || Bool.random(using: &random) ? Int64.random(in: 1...8, using: &random) : nil
            let pipeline = try Pipeline("p", timeSource: world.timeSource) {
                if let outer { try Timeout("outer", after: .nanoseconds(outer), timeSource: world.timeSource) }
                hedge
                if let inner { try Timeout("inner", after: .nanoseconds(inner), timeSource: world.timeSource) }
            }
            let record = try Self.hang(pipeline, world)
            let fires = record.starts.count > 1 && record.starts[1] < record.firstEnd ?? .max
            if fires == pipeline.lint().contains(where: { $0.rule == .hedgeNeverFires }) {
                Issue.record("seed \(seed): \(record)\n\(pipeline)\n\(pipeline.lint())")
            }
        }
    }
}
