/// A chaos scenario: topology, load, faults, policies under test and assertions, validated as a whole.
package struct Scenario: Sendable, Hashable {
    package var name: String
    package var title: String
    /// What all arrivals and draws come from; the command line may replace it.
    package var seed: UInt64
    package var services: [ServiceSpec]
    package var variants: [Variant]
    package var load: [LoadSpec]
    package var timeline: PhaseTimeline
    package var faults: [FaultSpec]
    package var assertions: [AssertionSpec]

    package init(
        name: String, title: String, seed: UInt64, services: [ServiceSpec], variants: [Variant], load: [LoadSpec],
        timeline: PhaseTimeline, faults: [FaultSpec], assertions: [AssertionSpec]
    ) {
        self.name = name
        self.title = title
        self.seed = seed
        self.services = services
        self.variants = variants
        self.load = load
        self.timeline = timeline
        self.faults = faults
        self.assertions = assertions
    }

    /// When the calls of a load are meant to start; the same for each variant.
    package func arrivals(of load: LoadSpec) -> ArrivalSchedule {
        ArrivalSchedule(load.arrival, end: timeline.end, seed: seed, load: load.name)
    }
}
