import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Traces of arrivals")
struct ArrivalTraceTests {
    private static func times(_ text: String, maximumCount: Int = 10) throws -> [Duration] {
        try ArrivalTrace(bytes: Array(text.utf8), maximumCount: maximumCount, end: .seconds(10)).times
    }

    @Test("A time on each line, in order; remarks and empty lines are passed over")
    func times() throws {
        let times = try Self.times("# recorded on Tuesday\n0ms\n\n 250ms # two at once\r\n250ms\n1.5s\n9999ms")
        #expect(times == [.zero, .milliseconds(250), .milliseconds(250), .milliseconds(1500), .milliseconds(9999)])
    }

    @Test(
        "What is wrong is named with its line",
        arguments: [
            ("1s\nsoon", 2, "\"soon\" is not a time; write one such as 250ms or 1.5s on each line"),
            ("1s 2s", 1, "\"1s 2s\" is not a time; write one such as 250ms or 1.5s on each line"),
            ("1.5", 1, "\"1.5\" is not a time; write one such as 250ms or 1.5s on each line"),
            ("2s\n\n1s", 3, "1s is before the time above it; give the times in order"),
            ("11s", 1, "11s is not before the end of the last phase, at 10s; end the trace before"),
            ("9s\n10s", 2, "10s is not before the end of the last phase, at 10s; end the trace before"),
            ("1s\n1s\n1s\n1s", 4, "there are more than 3 calls; give fewer"),
        ])
    func mistakes(text: String, line: Int, message: String) {
        #expect(throws: ArrivalTrace.Complaint(line: line, message: message)) { try Self.times(text, maximumCount: 3) }
    }

    @Test("An empty trace is an error of the whole")
    func empty() {
        #expect(throws: ArrivalTrace.Complaint(line: nil, message: "there are no times in it; give at least one")) {
            try Self.times("# nothing\n")
        }
    }
}
