import Holdfast

/// The phases of a run, one after the other from its start.
package struct PhaseTimeline: Sendable, Hashable {
    /// In order of time.
    package let phases: [Phase]

    package init(_ phases: [Phase]) {
        self.phases = phases
    }

    /// How long the run offers load.
    package var end: Duration {
        phases.last?.end ?? .zero
    }

    /// The phase of that name.
    package subscript(name: String) -> Phase? {
        phases.first { $0.name == name }
    }

    /// The index of the phase in which a moment lies, in nanoseconds from the start; the last one for what comes after the end.
    package func index(at offset: Int64) -> Int? {
        phases.firstIndex { offset < $0.end.nanoseconds } ?? (phases.isEmpty ? nil : phases.count - 1)
    }

    /// Whether a moment, in nanoseconds from the start, lies in a measured phase.
    package func isMeasured(at offset: Int64) -> Bool {
        index(at: offset).map { phases[$0].isMeasured } ?? false
    }
}
