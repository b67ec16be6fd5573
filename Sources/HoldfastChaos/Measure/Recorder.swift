import Holdfast

/// Folds the calls of one variant into aggregates: per load and phase, and per load and quarter of a second.
///
/// A call belongs to the phase and the bin of its intended start, wherever it ended: a call meant for the fault counts there
/// even if the answer came in the recovery.
package struct Recorder: Sendable {
    /// Bins per second; four let a recovery be dated to a quarter of a second.
    package static let binsPerSecond = 4

    package let timeline: PhaseTimeline
    /// The names of the loads in the order of the scenario.
    package let loads: [String]
    private var tracks: [String: Track]

    fileprivate struct Track: Sendable {
        let deadline: Int64
        var phases: [Aggregate]
        var bins: [Aggregate]
        var seen: [Bool] = []
        var repeated = 0
    }

    package init(timeline: PhaseTimeline, loads: [LoadSpec]) {
        self.timeline = timeline
        self.loads = loads.map(\.name)
        let binCount = Int((timeline.end.seconds * Double(Self.binsPerSecond)).rounded(.up))
        tracks = [:]
        for load in loads {
            tracks[load.name] = Track(
                deadline: load.deadline.nanoseconds,
                phases: timeline.phases.map { _ in Aggregate(.fine) },
                bins: (0..<binCount).map { _ in Aggregate(.coarse) }
            )
        }
    }

    /// Takes in a call that has ended; ignores one of a load that the scenario does not have.
    package mutating func record(_ call: CallRecord) {
        tracks[call.load]?.add(call, timeline: timeline)
    }

    /// Takes in what was seen of a load's service in one bin, and what an adaptive limiter of its policies let through at its end.
    package mutating func note(_ occupancy: Occupancy?, limit: Int?, load: String, bin: Int) {
        guard let track = tracks[load], track.bins.indices.contains(bin) else { return }
        tracks[load]?.bins[bin].note(occupancy, limit: limit)
        // A bin that two phases share belongs to the one that its middle lies in.
        let middle = (Int64(bin) * 2 + 1) * 1_000_000_000 / Int64(2 * Self.binsPerSecond)
        if let phase = timeline.index(at: middle) { tracks[load]?.phases[phase].note(occupancy, limit: limit) }
    }

    /// How many different calls of a load were recorded.
    package func recordedCalls(load: String) -> Int {
        tracks[load].map { track in track.seen.count { $0 } } ?? 0
    }

    /// How often a call was recorded again after its end.
    package func repeatedCalls(load: String) -> Int {
        tracks[load]?.repeated ?? 0
    }

    /// The calls of a phase, or of all measured phases; of a load, or of all.
    package func aggregate(phase: String? = nil, load: String? = nil) -> Aggregate {
        var sum = Aggregate(.fine)
        for track in selected(load) {
            for (phaseSpec, aggregate) in zip(timeline.phases, track.phases)
            where phase.map({ $0 == phaseSpec.name }) ?? phaseSpec.isMeasured {
                sum.merge(aggregate)
            }
        }
        return sum
    }

    /// The calls of all phases, measured or not: for what must hold at all times.
    package func everything() -> Aggregate {
        var sum = Aggregate(.fine)
        for track in selected(nil) {
            for aggregate in track.phases { sum.merge(aggregate) }
        }
        return sum
    }

    /// The calls whose intended start lies in a range of bins.
    package func aggregate(bins: Range<Int>, load: String? = nil) -> Aggregate {
        var sum = Aggregate(.coarse)
        for track in selected(load) {
            for aggregate in track.bins[bins.clamped(to: track.bins.indices)] { sum.merge(aggregate) }
        }
        return sum
    }

    /// The calls of second `second`, from 0.
    package func aggregate(second: Int, load: String? = nil) -> Aggregate {
        aggregate(bins: second * Self.binsPerSecond..<(second + 1) * Self.binsPerSecond, load: load)
    }

    /// How many seconds the run offers load, the last one perhaps in part.
    package var seconds: Int {
        Int(timeline.end.seconds.rounded(.up))
    }

    private func selected(_ load: String?) -> [Track] {
        loads.filter { load == nil || $0 == load }.compactMap { tracks[$0] }
    }
}

extension Recorder.Track {
    fileprivate mutating func add(_ call: CallRecord, timeline: PhaseTimeline) {
        if call.index >= seen.count {
            seen += repeatElement(false, count: call.index + 1 - seen.count)
        }
        guard !seen[call.index] else {
            repeated += 1
            return
        }
        seen[call.index] = true
        if let phase = timeline.index(at: call.intendedStart) { phases[phase].add(call, deadline: deadline) }
        let bin = Int(call.intendedStart) * Recorder.binsPerSecond / 1_000_000_000
        if bins.indices.contains(bin) { bins[bin].add(call, deadline: deadline) }
    }
}
