/// The tables of what was measured in the core.
struct CoreReport {
    private let results: [CoreResult]
    private let rounds: Int
    /// A figure is the median of at least so many.
    private let fewestRounds = 5
    private let crowd: Int

    init(_ results: [CoreResult], rounds: Int, crowd: Int) {
        self.results = results
        self.rounds = rounds
        self.crowd = crowd
    }

    func print() {
        Console.say(
            """

            Core: nanoseconds per call, median (best-worst) of \(rounds) rounds; two tasks share one instance, and \
            rounds in which something else kept them apart are left out. What calls something is also \
            told without the bare call, or without the one that gives way. Allocations: of one call, of one task

            """)
        Console.say(all.text)
        if results.contains(where: { $0.item.reference != nil }) {
            Console.say(
                """

                Beside the marks and the peers: one task / two, nanoseconds over the bare call. The peers' figures are from the issue \
                that set the marks, one thread / two, with the call: not measured here

                """)
            Console.say(peers.text)
        }
        if results.contains(where: { $0.item.isCrowded && !$0.item.isBaseline }) {
            Console.say(
                """

                \(crowd) tasks on one instance, each giving way to the others now and then: nanoseconds of processor time per call, \
                median (best-worst)

                """)
            Console.say(crowded.text)
        }
    }

    private var all: Table {
        var table = Table(["case", "one task", "over bare", "two tasks", "over bare", "allocations"], leftAligned: 1)
        for result in results {
            let isAround = result.item.bare != nil
            table.add([
                result.item.name,
                result.alone.text(decimals: 1), isAround ? over(result, \.alone).text(1) : "",
                isTold(result) ? result.shared.text(decimals: 1) : "not together",
                isAround && isTold(result) ? over(result, \.shared).text(1) : "",
                result.allocations.map { $0.text(1) } ?? "not counted",
            ])
        }
        return table
    }

    private var peers: Table {
        var table = Table(["case", "Holdfast", "mark", "reached", "resilience4j", "failsafe-go", "gobreaker"], leftAligned: 1)
        for result in results {
            guard let reference = result.item.reference else { continue }
            let (one, two) = (over(result, \.alone), isTold(result) ? over(result, \.shared) : .nan)
            table.add([
                result.item.name, "\(one.text()) / \(two.text())", "\(reference.mark.one.text()) / \(reference.mark.two.text())",
                "\(verdict(one, reference.mark.one)) / \(verdict(two, reference.mark.two))",
                reference.resilience4j, reference.failsafeGo, reference.gobreaker,
            ])
        }
        return table
    }

    private var crowded: Table {
        var table = Table(["case", "one task", "two tasks", "\(crowd) tasks"], leftAligned: 1)
        for result in results where result.item.isCrowded {
            table.add([
                result.item.name, result.alone.median.text(1), isTold(result) ? result.shared.median.text(1) : "",
                result.crowded.text(decimals: 1),
            ])
        }
        return table
    }

    /// Whether two tasks ran together often enough for a figure.
    private func isTold(_ result: CoreResult) -> Bool { result.shared.count >= fewestRounds }

    /// A case's median without the bare call inside, if there is one.
    private func over(_ result: CoreResult, _ tasks: KeyPath<CoreResult, Rounds>) -> Double {
        let median = result[keyPath: tasks].median
        guard let bare = result.item.bare else { return median }
        let baseline = results.first { if case .baseline(bare) = $0.item.kind { true } else { false } }
        return median - (baseline?[keyPath: tasks].median ?? .nan)
    }

    private func verdict(_ nanoseconds: Double, _ mark: Double) -> String {
        guard !nanoseconds.isNaN else { return "unknown" }
        return nanoseconds <= mark ? "met" : "MISSED"
    }
}
