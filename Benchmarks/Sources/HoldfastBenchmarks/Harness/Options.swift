/// What is asked for on the command line.
struct Options {
    /// A part of the benchmark, by its name on the command line.
    enum Part: String, CaseIterable {
        case core, memory, rpc, chaos
    }

    static let usage = "usage: HoldfastBenchmarks [core] [memory] [rpc] [chaos] [--only TEXT]"

    /// The parts to run; all of them when none is named.
    private(set) var parts: [Part] = []
    private var only: String?

    /// Reads arguments; throws with the one that is not understood.
    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--only" {
                guard let text = rest.popFirst() else { throw BenchmarkError("\(Self.usage); --only needs a text") }
                only = text.lowercased()
            } else if let part = Part(rawValue: argument) {
                parts.append(part)
            } else {
                throw BenchmarkError("\(Self.usage); got \(argument)")
            }
        }
        if parts.isEmpty { parts = Part.allCases }
    }

    /// Whether a case of that name is to be measured.
    func wants(_ name: String) -> Bool {
        only.map { name.lowercased().contains($0) } ?? true
    }
}
