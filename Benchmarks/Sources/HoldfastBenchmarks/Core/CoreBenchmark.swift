import Holdfast

/// Nanoseconds per call, of one task and of two that share one instance; of many, where a cache line might be fought over; and what a
/// call allocates.
///
/// The cases take turns, round by round, so that what disturbs the machine for a while disturbs them all.
enum CoreBenchmark {
    // Many short rounds: on a busy machine some of them are over before something else takes the processor.
    private static let rounds = 41
    private static let roundSeconds = 0.002
    private static let minimumCount = 100
    /// A round of two tasks is a quarter of that: both processors are seldom left alone for long.
    private static let sharedPart = 4
    /// How often two tasks are sent off until they run together, and what counts as together.
    private static let attempts = 20
    private static let together = 0.8
    /// How many tasks a crowd is.
    private static let crowd = 64
    /// So many calls each of a crowd makes before it gives way to the others.
    private static let turn = 500
    /// So many calls the allocations of one are the share of.
    private static let allocationSample = 20_000

    /// - Parameter options: which cases; the bare calls are always measured.
    static func run(_ options: Options) async throws {
        var results = [CoreResult]()
        for item in try await CoreCases.all() {
            guard item.isBaseline || options.wants(item.name) else { continue }
            results.append(CoreResult(item, count: try await calibrate(item)))
        }
        for _ in 0..<rounds {
            for index in results.indices {
                let (item, count) = (results[index].item, results[index].count)
                results[index].alone.add(try await measure(item, count: count))
                if let shared = try await measureShared(item, count: max(count / sharedPart, minimumCount)) {
                    results[index].shared.add(shared)
                }
                guard item.isCrowded else { continue }
                let turns = max(1, count * 2 / (crowd * turn))
                results[index].crowded.add(try await measureCrowd(item, turns: turns))
            }
        }
        for index in results.indices {
            let item = results[index].item
            let counts = try await Allocations.count { _ = try await item.loop(allocationSample) }
            results[index].allocations = counts?.each(of: allocationSample).calls
        }
        CoreReport(results, rounds: rounds, crowd: crowd).print()
    }

    /// Warms a case up, and finds how many calls fill a round.
    private static func calibrate(_ item: CoreCase) async throws -> Int {
        var count = 1000
        while true {
            let nanoseconds = try await measure(item, count: count)
            let seconds = nanoseconds * Double(count) / 1e9
            // Longer than a round, since the first calls are slower.
            if seconds >= roundSeconds * 3 { return max(minimumCount, Int(roundSeconds * 1e9 / nanoseconds)) }
            count *= 4
        }
    }

    /// Makes `count` calls.
    /// - Returns: nanoseconds per call.
    private static func measure(_ item: CoreCase, count: Int) async throws -> Double {
        Double(try await lap(item, count).nanoseconds) / Double(count)
    }

    /// Lets each of two tasks make `count` calls, at the same time.
    /// - Returns: nanoseconds per call, as each task sees them; nil if other work on the machine kept them from running together.
    private static func measureShared(_ item: CoreCase, count: Int) async throws -> Double? {
        for _ in 0..<attempts {
            let line = StartingLine(2)
            let laps = try await withThrowingTaskGroup(of: Lap.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        await line.meet()
                        return try await lap(item, count)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            guard Lap.shareTogether(laps) >= together else { continue }
            return laps.reduce(0) { $0 + Double($1.nanoseconds) } / Double(2 * count)
        }
        return nil
    }

    /// Lets each of many tasks make so many turns of calls, giving way between them, so that all are under way at once.
    /// - Returns: nanoseconds of processor time per call.
    private static func measureCrowd(_ item: CoreCase, turns: Int) async throws -> Double {
        let start = CPUTime.own
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<crowd {
                group.addTask {
                    for _ in 0..<turns {
                        try check(item, await item.loop(turn), of: turn)
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        return (CPUTime.own - start) * 1000 / Double(crowd * turns * turn)
    }

    private static func lap(_ item: CoreCase, _ count: Int) async throws -> Lap {
        let start = TimeSource.system.now().nanoseconds
        let done = try await item.loop(count)
        let end = TimeSource.system.now().nanoseconds
        try check(item, done, of: count)
        return Lap(start: start, end: end)
    }

    private static func check(_ item: CoreCase, _ done: Int, of count: Int) throws {
        guard done == count else { throw BenchmarkError("\(item.name): only \(done) of \(count) calls did what is measured") }
    }
}
