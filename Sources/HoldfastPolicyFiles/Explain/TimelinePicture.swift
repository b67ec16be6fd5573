import Holdfast

/// A call's timeline as lines of text, to scale.
struct TimelinePicture {
    private static let labelWidth = 11
    /// More are more than anybody reads.
    private static let mostSpans = 60

    private let timeline: CallTimeline
    private let width: Int
    private let scale: Int64

    /// - Parameters:
    ///   - width: the columns of a line.
    ///   - scale: what the width stands for, in nanoseconds; the end of the last span if that is known.
    init(_ timeline: CallTimeline, width: Int = 80) {
        self.timeline = timeline
        self.width = width - Self.labelWidth
        let times = timeline.spans.map { ($0.end ?? $0.start).nanoseconds }
        scale = max(times.max() ?? 0, 1)
    }

    /// A line for each span: what it is, and a bar where it stands; how it ended stands behind the bar, or before it if there is no room.
    var lines: [String] {
        guard timeline.spans.contains(where: { ($0.end ?? .seconds(1)) > $0.start }) else { return [] }
        let rest = timeline.spans.count - Self.mostSpans
        let end = rest > 0 || !timeline.isComplete ? ["..." + (timeline.isComplete ? " \(rest) more lines" : "")] : []
        return [ruler] + timeline.spans.prefix(Self.mostSpans).map(line) + end
    }

    private var ruler: String {
        let end = timeline.spans.contains { $0.end == nil } ? "..." : Words.time(scale)
        let gap = max(width - 3 - end.unicodeScalars.count, 1)
        return Self.padded("") + "0 s" + String(repeating: " ", count: gap) + end
    }

    private func line(_ span: CallTimeline.Span) -> String {
        // What begins where the picture ends has its last column.
        let first = min(column(span.start.nanoseconds), width - 1)
        let length = max((span.end.map { column($0.nanoseconds) } ?? width) - first, 1)
        let (label, bar): (String, String)
        switch span.kind {
        case .attempt(let number):
            // An arrow for what goes on.
            let end = span.end == nil ? ">" : "|"
            (label, bar) = (number < 100 ? "attempt \(number)" : "att. \(number)", String(repeating: "=", count: length - 1) + end)
        case .backoff: (label, bar) = ("wait", String(repeating: ".", count: length))
        }
        let text = span.outcome.isEmpty ? duration(of: span) : span.outcome
        let room = width - first - length
        if text.unicodeScalars.count < room { return Self.padded(label) + String(repeating: " ", count: first) + bar + " " + text }
        if text.unicodeScalars.count < first {
            return Self.padded(label) + String(repeating: " ", count: first - text.unicodeScalars.count - 1) + text + " " + bar
        }
        return Self.padded(label) + String(repeating: " ", count: first) + Self.inscribed(text, in: bar)
    }

    /// A long bar has room for a short text in itself.
    private static func inscribed(_ text: String, in bar: String) -> String {
        let count = text.unicodeScalars.count
        guard bar.count > count + 6 else { return bar }
        let head = bar.prefix(3)
        return "\(head) \(text) \(bar.suffix(bar.count - count - 5))"
    }

    private func duration(of span: CallTimeline.Span) -> String {
        span.end.map { Words.time($0.nanoseconds - span.start.nanoseconds) } ?? ""
    }

    private func column(_ nanoseconds: Int64) -> Int {
        Int((Double(nanoseconds) / Double(scale) * Double(width)).rounded())
    }

    private static func padded(_ label: String) -> String {
        label + String(repeating: " ", count: max(labelWidth - label.count, 0))
    }
}
