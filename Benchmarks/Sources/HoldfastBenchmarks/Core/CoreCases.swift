import Holdfast

/// What is measured around a call.
enum CoreCases {
    /// All of them; those that the others are compared with come first.
    static func all() async throws -> [CoreCase] {
        [bare, bareWaiting, bareElsewhere, clock]
            + (try await breakers()) + (try limiters()) + (try bulkheads()) + (try await adaptives()) + (try wrappers())
            + (try combinations()) + (try files()) + (try reloads())
    }

    /// The call that is measured: async, throwing, in the caller's isolation as the operations of policies are, and out of the
    /// optimiser's sight. Each adds one, so that the sum tells whether all were made.
    @inline(never)
    nonisolated(nonsending) static func increment(_ value: Int) async throws -> Int {
        value &+ 1
    }

    /// The same, giving way to other tasks once.
    @inline(never)
    nonisolated(nonsending) static func incrementLater(_ value: Int) async throws -> Int {
        await Task.yield()
        return value &+ 1
    }

    /// The same, leaving the caller's isolation; coming back to it is a hop, even if there is nowhere to go.
    @inline(never)
    @concurrent static func incrementElsewhere(_ value: Int) async throws -> Int {
        value &+ 1
    }

    private static let bare = CoreCase("bare async call", .baseline(.quick), isCrowded: true) { count in
        var value = 0
        for _ in 0..<count { value = try await increment(value) }
        return value
    }

    private static let bareWaiting = CoreCase("bare call that gives way once", .baseline(.waiting)) { count in
        var value = 0
        for _ in 0..<count { value = try await incrementLater(value) }
        return value
    }

    private static let bareElsewhere = CoreCase("bare call that leaves the caller's isolation", .around()) { count in
        var value = 0
        for _ in 0..<count { value = try await incrementElsewhere(value) }
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

    /// A gate's two steps as a pipeline makes them, with nothing between.
    @inline(__always)
    static func admitAndSettle(
        _ name: String, _ gate: some Gate, _ reference: Reference? = nil, isCrowded: Bool = false
    ) -> CoreCase {
        CoreCase(name, .alone, reference, isCrowded: isCrowded) { count in
            var admitted = 0
            for _ in 0..<count {
                var attempt = Attempt(gate.timeSource)
                guard case .admitted(let ticket) = gate.admit(&attempt) else { continue }
                attempt.passTime()
                gate.settle(ticket, .succeeded, &attempt)
                admitted += 1
            }
            return admitted
        }
    }

    /// Reads the events of `policy` for as long as the program runs.
    static func listen(to policy: some Policy) {
        let events = policy.events()
        Task.detached { for await _ in events {} }
    }
}
