import Holdfast

/// What is measured in bytes.
enum MemoryCases {
    static func all() throws -> [MemoryCase] {
        try policies() + [keys("key of a rate limiter, a million of them"), listener]
            + WaitingCallers.cases()
    }

    private static func policies() throws -> [MemoryCase] {
        let count = try CircuitBreaker.Configuration(window: .count(100))
        let time = try CircuitBreaker.Configuration(window: .time(.seconds(30)))
        let running = try CircuitBreaker.Configuration(
            window: .count(100), slowCalls: .init(over: .milliseconds(150), rate: 0.8, countRunning: true))
        let bucket = try RateLimiter.Configuration.perSecond(1000)
        let keyed = try RateLimiter.Configuration(bucket.algorithm, key: .peer)
        let bulkhead = try Bulkhead.Configuration(maxConcurrent: 100)
        let withoutBudget = try Retry.Configuration(budget: nil)
        let budget = RetryBudget()
        let hedge = try Hedge.Configuration(after: .fixed(.milliseconds(100)))
        let byQuantile = try Hedge.Configuration(after: .quantile(0.95, minimumSamples: 100))
        let timeout = try Timeout.Configuration(after: .seconds(1))
        let adaptive = try AdaptiveLimiter.Configuration(.gradient2())
        let shed = try LoadShedder.Configuration(inFlight: .init(enter: 1000, leave: 500))
        return [
            .objects("circuit breaker, count window 100") { CircuitBreaker("benchmark", count) },
            .objects("circuit breaker, time window in 10 buckets") { CircuitBreaker("benchmark", time) },
            .objects("circuit breaker, slow calls while they run") { CircuitBreaker("benchmark", running) },
            .objects("rate limiter, token bucket") { RateLimiter("benchmark", bucket) },
            .objects("rate limiter with keys, before the first") { RateLimiter("benchmark", keyed) },
            .objects("bulkhead") { Bulkhead("benchmark", bulkhead) },
            .objects("retry with a budget of its own") { Retry("benchmark") },
            .objects("retry, its budget not counted") { Retry("benchmark", withoutBudget, budget: budget) },
            .objects("retry budget") { RetryBudget() },
            .objects("hedge with a budget of its own") { Hedge("benchmark", hedge) },
            .objects("hedge by quantile, its budget not counted") { Hedge("benchmark", byQuantile, budget: budget) },
            .objects("timeout") { Timeout("benchmark", timeout) },
            .objects("adaptive limiter, Gradient2") { AdaptiveLimiter("benchmark", adaptive) },
            .objects("adaptive throttle") { AdaptiveThrottle("benchmark", .standard) },
            .objects("load shedder") { LoadShedder("benchmark", shed) },
        ]
    }

    /// A key that a million callers each asked for once; a name of up to 15 bytes is part of it.
    private static func keys(_ name: String) -> MemoryCase {
        MemoryCase(name, count: 1_000_000) { count in
            let bucket = RateLimiter.Configuration.Algorithm.tokenBucket(permits: 10, per: .seconds(1), burst: 10)
            let limiter = RateLimiter("benchmark", try .init(bucket, key: .peer, maxKeys: 2 * count))
            return try await Allocations.count {
                for number in 0..<count {
                    try await limiter.run(attributes: CallAttributes(peer: "tenant-\(number)")) {}
                }
                guard limiter.keys == count else { throw BenchmarkError("\(name): only \(limiter.keys) of \(count)") }
            }
        }
    }

    private static let listener = MemoryCase("listener to a policy's events, none waiting", count: 2000) { count in
        let bulkhead = Bulkhead("benchmark", try .init(maxConcurrent: 1))
        var listeners = [PolicyEvents]()
        listeners.reserveCapacity(count + 1)
        listeners.append(bulkhead.events())
        return await Allocations.count {
            for _ in 0..<count { listeners.append(bulkhead.events()) }
        }
    }
}
