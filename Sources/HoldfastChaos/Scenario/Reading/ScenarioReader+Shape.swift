import Holdfast
import HoldfastPolicyFiles

extension ScenarioReader {
    /// The words that choose a curve.
    static let curves = ["step", "ramp", "triangle", "sine", "square", "points"]

    /// How a fault grows and fades.
    ///
    /// - Parameters:
    ///   - kind: nil if it could not be read, which was reported.
    ///   - duration: how long the fault is in force; nil if that could not be read.
    ///   - hasMagnitude: whether there is more or less of it.
    func shape(_ reader: ValueReader, of kind: FaultKind?, _ duration: Duration?, hasMagnitude: Bool) -> FaultShape? {
        guard let object = reader.object("over and one of \(Spelling.list(Self.curves, or: "and"))") else { return nil }
        defer { object.finish() }
        let overReader = object.required("over")
        let over = overReader?.oneOf(["probability": FaultShape.Subject.probability, "magnitude": .magnitude])
        switch over {
        case .magnitude where !hasMagnitude:
            overReader?.fail("a fault of this kind happens or does not, with no more or less of it; use \"probability\"")
        case .probability:
            if let kind, !kind.isByProbability {
                overReader?.fail(
                    "the fault selects by no probability that could change; select by \"probability\""
                        + (hasMagnitude ? ", or use \"magnitude\"" : ""))
            }
        case .magnitude, nil: break
        }
        guard let (name, value) = object.exactlyOne(of: Self.curves), let curve = curve(name, value, duration), let over else {
            return nil
        }
        return FaultShape(over, curve)
    }

    private func curve(_ name: String, _ reader: ValueReader, _ duration: Duration?) -> FaultShape.Curve? {
        if name == "points" { return points(reader, duration) }
        let isPeriodic = name != "step" && name != "ramp"
        let what = name == "step" ? "at, from and to" : isPeriodic ? "period, from and to" : "from and to"
        guard let object = reader.object(what) else { return nil }
        defer { object.finish() }
        let from = object.value("from", default: 0) { $0.rate() }
        let to = object.value("to", default: 1) { $0.rate() }
        let levels = from.flatMap { from in to.map { FaultShape.Levels(from: from, to: $0) } }
        switch name {
        case "step":
            let at = object.required("at").flatMap { time($0, within: duration) }
            guard let levels, let at else { return nil }
            return .step(levels, at: at)
        case "ramp":
            return levels.map { .ramp($0) }
        default:
            let period = object.required("period")?.duration(above: .zero)
            let share = name == "square" ? object.value("share", default: 0.5) { $0.rate() } : 0
            guard let levels, let period, let share else { return nil }
            switch name {
            case "triangle": return .triangle(levels, period: period)
            case "sine": return .sine(levels, period: period)
            default: return .square(levels, period: period, share: share)
            }
        }
    }

    private func points(_ reader: ValueReader, _ duration: Duration?) -> FaultShape.Curve? {
        guard let items = reader.array("points such as { \"at\": \"2s\", \"level\": 0.5 }") else { return nil }
        if items.isEmpty { reader.fail("the list is empty; give at least one point") }
        var points: [FaultShape.Point] = []
        for item in items {
            guard let object = item.object("at and level") else { continue }
            let atReader = object.required("at")
            let at = atReader.flatMap { time($0, within: duration) }
            let level = object.required("level")?.rate()
            object.finish()
            guard let at, let level else { continue }
            if let last = points.last, at <= last.at {
                atReader?.fail("is not after the point before, at \(DurationText.format(last.at)); give the points in order of time")
            }
            points.append(.init(at: at, level: level))
        }
        return points.isEmpty ? nil : .points(points)
    }

    /// A time from the beginning of the fault.
    private func time(_ reader: ValueReader, within duration: Duration?) -> Duration? {
        guard let time = reader.duration() else { return nil }
        if let duration, time > duration {
            reader.fail("is after the end of the fault, which is in force for \(DurationText.format(duration)); give a time within it")
        }
        return time
    }
}

extension FaultKind {
    /// Whether it chooses the calls that it hits by a probability.
    fileprivate var isByProbability: Bool {
        if case .probability? = selection?.share { true } else { false }
    }
}
