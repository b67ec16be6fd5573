import HoldfastPolicyFiles

extension ScenarioReader {
    /// The longest run that a scenario may describe.
    private static let maximumDuration = Duration.seconds(3600)

    func phases(_ reader: ValueReader?) -> PhaseTimeline {
        var start = Duration.zero
        let phases = list(reader, "phases", key: \.name) { item -> Phase? in
            guard let object = item.object("name and for") else { return nil }
            let name = object.required("name")?.identifier()
            let length = object.required("for")?.duration(above: .zero)
            let isMeasured = object.value("measure", default: true) { $0.bool() } ?? true
            let isGate = object.value("gate", default: false) { $0.bool() } ?? false
            object.finish()
            if isGate, !isMeasured { item.fail("a gate phase must be measured; remove \"measure\": false or \"gate\": true") }
            guard let name, let length else { return nil }
            defer { start += length }
            return Phase(name: name, start: start, end: start + length, isMeasured: isMeasured, isGate: isGate)
        }
        if start > Self.maximumDuration { reader?.fail("the phases last longer than 1h together; give at most 1h") }
        return PhaseTimeline(phases)
    }

    /// A moment of the run: `fault`, `fault.end`, `fault + 2s`.
    func time(_ reader: ValueReader) -> TimeReference? {
        guard let text = reader.string("a moment, such as \"\(exampleName)\" or \"\(exampleName).end\"") else { return nil }
        guard !timeline.phases.isEmpty else { return nil }  // the phases were in error themselves
        let parts = text.split(separator: "+", maxSplits: 1).map { $0.trimmingSpaces }
        let names = parts.first?.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) ?? []
        guard let name = names.first, names.count == 1 || names[1] == "end" else { return malformed(reader, text) }
        guard let phase = timeline[name] else {
            if written.phases.contains(name) { return nil }
            let known = timeline.phases.map(\.name)
            let suggestion = Spelling.nearest(to: name, among: known).map { "did you mean \(quoted($0))?" }
            reader.fail("there is no phase \(quoted(name)); \(suggestion ?? "there is \(Spelling.list(known, or: "and"))")")
            return nil
        }
        var offset = names.count == 2 ? phase.end : phase.start
        if text.contains("+") {
            guard parts.count == 2, let delay = try? DurationText.parse(parts[1]) else { return malformed(reader, text) }
            offset += delay
        }
        return TimeReference(text: text, offset: offset)
    }

    private func malformed(_ reader: ValueReader, _ text: String) -> TimeReference? {
        reader.fail("\(quoted(text)) is not a moment; write \"\(exampleName)\", \"\(exampleName).end\" or \"\(exampleName) + 2s\"")
        return nil
    }

    /// A phase to name in examples.
    var exampleName: String { timeline.phases.last?.name ?? "fault" }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
