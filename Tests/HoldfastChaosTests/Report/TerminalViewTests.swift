import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Terminal view")
struct TerminalViewTests {
    private func snapshot() throws -> ProgressSnapshot {
        var second = Aggregate(.coarse)
        for index in 0..<200 {
            let outcome: CallOutcome = index < 10 ? .success : .fallback(step: "lastGood")
            second.add(Calls.call(index, at: 3, outcome, milliseconds: 2, attempts: index < 10 ? 1 : 0), deadline: 1_000_000_000)
        }
        return ProgressSnapshot(
            scenario: "say-outage", seed: 7, variant: "full", timeline: try ScenarioText.scenario().timeline, now: 7_000_000_000,
            faults: [.init(id: "errors", hits: 12)], loads: [.init(name: "users", underWay: 3, second: second)],
            breakers: [
                .init(
                    name: "say/circuitBreaker",
                    transitions: [
                        BreakerTransition(breaker: "say/circuitBreaker", offset: 3_000_000_000, state: .open),
                        BreakerTransition(breaker: "say/circuitBreaker", offset: 5_000_000_000, state: .halfOpen),
                        BreakerTransition(breaker: "say/circuitBreaker", offset: 5_050_000_000, state: .closed),
                    ])
            ],
            pending: ["answered", "story"])
    }

    @Test("The whole state of a run fits on one plain screen")
    func screen() throws {
        let lines = TerminalView(style: .plain, columns: 80).lines(try snapshot())
        #expect(
            lines == [
                "say-outage · full · seed 7",
                String(repeating: "█", count: 34) + String(repeating: "░", count: 34) + " 7/14 s",
                "|steady  |fault              |after",
                "",
                "users  200/s  answered 100 %  success 5 %  p99 2 ms  0.05 attempts/call",
                "say/circuitBreaker  CCCCCCCCCCOOOOOOOHCCCCCCC",
                "in force: errors (12 hits)",
                "",
                "still to come: answered, story",
            ])
    }

    @Test("Without a terminal, a second is one line")
    func plainSecond() throws {
        #expect(
            ProgressLine.second(try snapshot())
                == "[   7.0 s] after: users 200/s, success 5 %, answered 100 %, p99 2 ms, 0.05 attempts per call, 3 under way; say/circuitBreaker closed"
        )
    }

    @Test("No line is longer than the terminal is wide", arguments: [40, 80, 120])
    func width(columns: Int) throws {
        var snapshot = try snapshot()
        snapshot.pending = (0..<30).map { "assertion-\($0)" }
        for line in TerminalView(style: .plain, columns: columns).lines(snapshot) {
            #expect(line.count <= columns, "\(line)")
        }
    }

    @Test("A closed loop is named as one, and an open one too: their figures do not mean the same")
    func arrival() throws {
        var result = try SampleRun.result()
        #expect(VerdictLines.lines(result, style: .plain).contains("load users: open loop, poisson arrivals"))
        for variant in result.variants.indices {
            result.variants[variant].loads = [LoadResult(try Self.closedLoad(), recorder: Recorder(timeline: PhaseTimeline([]), loads: []))]
        }
        #expect(VerdictLines.lines(result, style: .plain).contains("load users: closed loop of 5 users"))
        #expect(try HTMLReport(result).html().contains("<small>closed loop of 5 users; per second of the intended start</small>"))
        #expect(try String(decoding: result.json(), as: UTF8.self).contains(#""arrival" : "closed loop of 5 users""#))
        // A result of an earlier version says nothing about it.
        result.variants[0].loads[0].arrival = nil
        #expect(try RunResult(json: result.json()) == result)
        #expect(try HTMLReport(result).html().contains("<small>per second of the intended start</small>"))
    }

    private static func closedLoad() throws -> LoadSpec {
        let open = #""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#
        return try ScenarioText.read(ScenarioText.replacing([open: #""closed": { "concurrency": 5 }"#])).load[0]
    }

    @Test("The last line is the command that replays the run")
    func replay() throws {
        let result = try SampleRun.result()
        #expect(VerdictLines.lines(result, style: .plain).last == result.replayCommand)
    }
}
