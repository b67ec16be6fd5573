import Holdfast
import HoldfastPolicyFiles

/// When calls came once: a text with a time from the start of the run on each line, such as `1.25s`, in order. What follows a `#` is a
/// remark.
struct ArrivalTrace {
    /// What is wrong with a trace, and where.
    struct Complaint: Error, Equatable {
        /// From 1; nil for the whole.
        var line: Int?
        var message: String
    }

    private(set) var times: [Duration] = []

    /// Reads a trace.
    /// - Parameters:
    ///   - maximumCount: the most times that it may hold.
    ///   - end: when the run ends; each time must be before it, as those of other arrivals are.
    /// - Throws: ``Complaint``.
    init(bytes: [UInt8], maximumCount: Int, end: Duration) throws {
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            guard let word = words.first.map(String.init) else { continue }
            func complain(_ message: String) -> Complaint { Complaint(line: index + 1, message: message) }
            guard words.count == 1, let time = try? DurationText.parse(word) else {
                throw complain("\(quoted(words.joined(separator: " "))) is not a time; write one such as 250ms or 1.5s on each line")
            }
            guard time >= times.last ?? .zero else { throw complain("\(word) is before the time above it; give the times in order") }
            guard time < end else {
                throw complain("\(word) is not before the end of the last phase, at \(DurationText.format(end)); end the trace before")
            }
            guard times.count < maximumCount else { throw complain("there are more than \(maximumCount) calls; give fewer") }
            times.append(time)
        }
        if times.isEmpty { throw Complaint(line: nil, message: "there are no times in it; give at least one") }
    }
}
