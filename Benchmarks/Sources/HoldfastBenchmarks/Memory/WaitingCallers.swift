import Holdfast
import Synchronization

/// What a caller takes while it waits in a queue, its task included: how deep the waiting call lies decides how many slabs of stack the
/// task has, so the two cannot be told apart.
enum WaitingCallers {
    /// Where tasks wait that nothing lets go on but ``release()``: what a waiting task takes by itself.
    private final class Parked: Sendable {
        private let waiting: Mutex<[UnsafeContinuation<Void, Never>]>

        init(count: Int) {
            var waiting: [UnsafeContinuation<Void, Never>] = []
            waiting.reserveCapacity(count)
            self.waiting = Mutex(waiting)
        }

        var count: Int { waiting.withLock { $0.count } }

        func park() async {
            await withUnsafeContinuation { continuation in
                waiting.withLock { $0.append(continuation) }
            }
        }

        func release() {
            for continuation in waiting.withLock({ $0 }) { continuation.resume() }
        }
    }

    private static let count = 10_000

    static func cases() -> [MemoryCase] {
        [
            MemoryCase("task that waits for nothing", count: count) { try await tasks($0) },
            MemoryCase("task that waits for a bulkhead", count: count) { count in
                let bulkhead = Bulkhead(
                    "benchmark", try .init(maxConcurrent: 1, maxQueued: count, maxWait: .seconds(3600)))
                let permit = try bulkhead.admit()
                let counts = try await waiting(count, queued: { bulkhead.queued }) { try await bulkhead.run {} }
                permit.settle(.succeeded)
                return counts
            },
            MemoryCase("task that waits for a rate limiter", count: count) { count in
                // One permit an hour: nobody is served meanwhile.
                let bucket = RateLimiter.Configuration.Algorithm.tokenBucket(permits: 1, per: .seconds(3600), burst: 1)
                let limiter = RateLimiter(
                    "benchmark", try .init(bucket, maxWait: .seconds(3600 * 2 * count), maxQueued: count))
                try await limiter.run {}
                return try await waiting(count, queued: { limiter.queued }) { try await limiter.run {} }
            },
        ]
    }

    /// What so many callers take in a queue; they end by being cancelled.
    private static func waiting(
        _ count: Int, queued: @escaping @Sendable () -> Int, _ wait: @escaping @Sendable () async throws -> Void
    ) async throws -> Allocations.Counts? {
        let (counts, tasks) = try await start(count, queued, wait)
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        return counts
    }

    /// What so many waiting tasks take by themselves.
    private static func tasks(_ count: Int) async throws -> Allocations.Counts? {
        let parked = Parked(count: count)
        let (counts, tasks) = try await start(count, { parked.count }) { await parked.park() }
        parked.release()
        for task in tasks { _ = await task.result }
        return counts
    }

    private static func start(
        _ count: Int, _ queued: @escaping @Sendable () -> Int, _ wait: @escaping @Sendable () async throws -> Void
    ) async throws -> (Allocations.Counts?, [Task<Void, any Error>]) {
        var tasks: [Task<Void, any Error>] = []
        tasks.reserveCapacity(count)
        let patience = Stopwatch()
        let counts = try await Allocations.count {
            for _ in 0..<count { tasks.append(Task { try await wait() }) }
            while queued() < count {
                guard patience.seconds < 10 else { throw BenchmarkError("only \(queued()) of \(count) callers came to wait") }
                await Task.yield()
            }
        }
        return (counts, tasks)
    }
}
