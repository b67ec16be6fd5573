/// Nanoseconds per call, of one task and of two that share one instance.
///
/// The cases take turns, round by round, so that what disturbs the machine for a while disturbs them all.
enum CoreBenchmark {
    private static let rounds = 7
    private static let roundSeconds = 0.03

    static func run() async throws {
        let cases = try await CoreCases.all()
        var alone = Array(repeating: Rounds(), count: cases.count)
        var shared = alone
        var counts = [(alone: Int, shared: Int)]()
        for item in cases {
            counts.append((try await calibrate(item, tasks: 1), try await calibrate(item, tasks: 2)))
        }
        for _ in 0..<rounds {
            for (index, item) in cases.enumerated() {
                alone[index].add(try await measure(item, tasks: 1, count: counts[index].alone))
                shared[index].add(try await measure(item, tasks: 2, count: counts[index].shared))
            }
        }
        report(cases, alone, shared)
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

    private static func time(_ item: CoreCase, _ count: Int) async throws -> Double {
        let stopwatch = Stopwatch()
        let done = try await item.loop(count)
        let nanoseconds = stopwatch.nanoseconds
        guard done == count else { throw BenchmarkError("\(item.name): only \(done) of \(count) calls did what is measured") }
        return Double(nanoseconds) / Double(count)
    }

    private static func report(_ cases: [CoreCase], _ alone: [Rounds], _ shared: [Rounds]) {
        var table = Table(["case", "one task", "over bare", "two tasks", "over bare", "mark"], leftAligned: 1)
        let bare = cases.firstIndex { if case .baseline = $0.kind { true } else { false } }
        for (index, item) in cases.enumerated() {
            var over = ("", "")
            var mark = ""
            if let bare, case .around(let limit) = item.kind {
                let extra = alone[index].median - alone[bare].median
                over = (extra.text(1), (shared[index].median - shared[bare].median).text(1))
                if let limit { mark = "at most \(limit.text()): \(extra <= limit ? "met" : "MISSED")" }
            }
            table.add([item.name, alone[index].text(decimals: 1), over.0, shared[index].text(decimals: 1), over.1, mark])
        }
        Console.say("\nCore: nanoseconds per call, median (best-worst) of \(rounds) rounds; two tasks share one instance\n")
        Console.say(table.text)
    }
}
