import Holdfast

/// What is measured around a call.
enum CoreCases {
    /// All of them; the one that the others are compared with comes first.
    static func all() async throws -> [CoreCase] {
        [bare, clock] + (try await breakers()) + [try limiter()] + (try pipelines())
    }

    /// The call that is measured: async, throwing, and out of the optimiser's sight. Each adds one, so that the sum tells
    /// whether all were made.
    @inline(never)
    static func increment(_ value: Int) async throws -> Int {
        value &+ 1
    }

    private static let bare = CoreCase("bare async call", .baseline) { count in
        var value = 0
        for _ in 0..<count { value = try await increment(value) }
        return value
    }

    private static let clock = CoreCase("one reading of the clock", .alone) { count in
        var earlier = TimeSource.system.now()
        var inOrder = 0
        for _ in 0..<count {
            let now = TimeSource.system.now()
            if now >= earlier { inOrder += 1 }
            earlier = now
        }
        return inOrder
    }

    private static func limiter() throws -> CoreCase {
        let limiter = RateLimiter("benchmark", try .perSecond(1_000_000_000))
        return CoreCase("rate limiter admits", .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await limiter.run { try await increment(value) }
            }
            return value
        }
    }

    /// Reads the events of `policy` for as long as the program runs.
    static func listen(to policy: some Policy) {
        let events = policy.events()
        Task.detached { for await _ in events {} }
    }
}
