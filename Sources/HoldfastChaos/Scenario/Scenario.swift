import Holdfast

/// A chaos scenario: topology, load, faults, policies under test and assertions, validated as a whole.
package struct Scenario: Sendable, Hashable {
    /// Which engines a scenario may run on.
    package enum Engines: String, Sendable, Hashable {
        /// Processes on loopback, in real time.
        case real
        /// Models in virtual time.
        case virtual
        case both

        package var includeReal: Bool { self != .virtual }
        package var includeVirtual: Bool { self != .real }
    }

    package var name: String
    package var title: String
    /// What all arrivals and draws come from; the command line may replace it.
    package var seed: UInt64
    package var engines: Engines
    package var services: [ServiceSpec]
    package var variants: [Variant]
    package var load: [LoadSpec]
    package var timeline: PhaseTimeline
    package var faults: [FaultSpec]
    package var assertions: [AssertionSpec]
    /// What `${NAME}` stood for when it was read, and stands for in its policy files.
    package var parameters: [String: String] = [:]

    package init(
        name: String, title: String, seed: UInt64, engines: Engines = .both, services: [ServiceSpec], variants: [Variant], load: [LoadSpec],
        timeline: PhaseTimeline, faults: [FaultSpec], assertions: [AssertionSpec]
    ) {
        self.name = name
        self.title = title
        self.seed = seed
        self.engines = engines
        self.services = services
        self.variants = variants
        self.load = load
        self.timeline = timeline
        self.faults = faults
        self.assertions = assertions
    }

    /// How many clients there are, each with policies of its own.
    package var clients: Int { load.map(\.clients).max() ?? 1 }

    /// What it holds, in a line.
    package var summary: String {
        let calls = load.reduce(0.0) { $0 + ($1.arrival.expectedCalls(until: timeline.end) ?? 0) }
        let closed = load.contains { $0.arrival.expectedCalls(until: timeline.end) == nil }
        let parts = [
            Figure.count(variants.count, "variant"), Figure.count(timeline.phases.count, "phase"),
            "about \(Figure.count(Int(calls.rounded()), "call"))\(closed ? " and those of closed loops" : "") in "
                + Figure.time(timeline.end.seconds),
            Figure.count(faults.count, "fault"), Figure.count(assertions.count, "assertion"),
        ]
        return parts.joined(separator: ", ")
    }

}
