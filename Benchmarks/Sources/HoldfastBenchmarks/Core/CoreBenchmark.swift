/// Nanoseconds per call, of one task and of two that share one instance; of many, where a cache line might be fought over; and what a
/// call allocates.
///
/// The cases take turns, round by round, so that what disturbs the machine for a while disturbs them all.
enum CoreBenchmark {
    private static let rounds = 7
    private static let roundSeconds = 0.03
    /// How many tasks a crowd is.
    private static let crowd = 64
    /// So many calls each of a crowd makes before it gives way to the others.
    private static let turn = 100
    /// So many calls the allocations of one are the share of.
    private static let allocationSample = 20_000

    /// - Parameter options: which cases; the bare calls are always measured.
    static func run(_ options: Options) async throws {
        var results = [CoreResult]()
        for item in try await CoreCases.all() {
            if case .baseline = item.kind {} else if !options.wants(item.name) { continue }
            let counts = (try await calibrate(item, tasks: 1), try await calibrate(item, tasks: 2))
            results.append(CoreResult(item, alone: counts.0, shared: counts.1))
        }
        for _ in 0..<rounds {
            for index in results.indices {
                let (item, counts) = (results[index].item, results[index].counts)
                results[index].alone.add(try await measure(item, tasks: 1, count: counts.alone))
                results[index].shared.add(try await measure(item, tasks: 2, count: counts.shared))
                guard item.isCrowded else { continue }
                let turns = max(1, counts.shared * 2 / (crowd * turn))
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
    private static func calibrate(_ item: CoreCase, tasks: Int) async throws -> Int {
        var count = 1000
        while true {
            let nanoseconds = try await measure(item, tasks: tasks, count: count)
            let seconds = nanoseconds * Double(count) / 1e9
            if seconds >= roundSeconds / 3 { return Swift.max(1000, Int(roundSeconds * 1e9 / nanoseconds)) }
            count *= 4
        }
    }

    /// Lets each of the tasks make `count` calls.
    /// - Returns: nanoseconds per call, as each task sees them.
    private static func measure(_ item: CoreCase, tasks: Int, count: Int) async throws -> Double {
        guard tasks > 1 else { return try await time(item, count) }
        return try await withThrowingTaskGroup(of: Double.self) { group in
            for _ in 0..<tasks { group.addTask { try await time(item, count) } }
            return try await group.reduce(0, +) / Double(tasks)
        }
    }

    /// Lets each of many tasks make so many turns of calls, giving way between them, so that all are under way at once.
    /// - Returns: nanoseconds of a processor per call, all processors counted.
    private static func measureCrowd(_ item: CoreCase, turns: Int) async throws -> Double {
        let stopwatch = Stopwatch()
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
        return Double(stopwatch.nanoseconds) * Double(Machine.processors) / Double(crowd * turns * turn)
    }

    private static func time(_ item: CoreCase, _ count: Int) async throws -> Double {
        let stopwatch = Stopwatch()
        let done = try await item.loop(count)
        let nanoseconds = stopwatch.nanoseconds
        try check(item, done, of: count)
        return Double(nanoseconds) / Double(count)
    }

    private static func check(_ item: CoreCase, _ done: Int, of count: Int) throws {
        guard done == count else { throw BenchmarkError("\(item.name): only \(done) of \(count) calls did what is measured") }
    }
}
