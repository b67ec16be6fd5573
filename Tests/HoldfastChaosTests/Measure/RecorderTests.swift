import Holdfast
import HoldfastChaos
import Testing

@Suite("Recorder and metrics")
struct RecorderTests {
    static let timeline = PhaseTimeline([
        Phase(name: "warmup", start: .zero, end: .seconds(1), isMeasured: false),
        Phase(name: "steady", start: .seconds(1), end: .seconds(3)),
        Phase(name: "fault", start: .seconds(3), end: .seconds(4)),
    ])

    private func record(_ outcomes: [(at: Double, outcome: CallOutcome, milliseconds: Double, attempts: Int)]) -> Recorder {
        var recorder = Recorder(timeline: Self.timeline, loads: [Calls.load])
        for (index, call) in outcomes.enumerated() {
            recorder.record(Calls.call(index, at: call.at, call.outcome, milliseconds: call.milliseconds, attempts: call.attempts))
        }
        return recorder
    }

    @Test("Ratios count every call, also those that were dropped")
    func ratios() {
        let recorder = record([
            (1, .success, 10, 1), (1.1, .success, 1500, 2), (1.2, .fallback(step: "value"), 1, 1),
            (1.3, .rejected(kind: "circuitBreaker"), 1, 0), (1.4, .error(.unavailable), 5, 1), (1.5, .timeout, 800, 2),
            (2, .cancelled, 1, 1), (2.5, .loadDropped, 0, 0),
        ])
        let steady = recorder.aggregate(phase: "steady")
        #expect(steady.calls == 8)
        #expect(steady.value(of: .successRatio) == 2.0 / 8)
        #expect(steady.value(of: .answeredRatio) == 3.0 / 8)
        #expect(steady.value(of: .goodputRatio) == 1.0 / 8, "one success came after its deadline of a second")
        #expect(steady.value(of: .fallbackRatio) == 1.0 / 8)
        #expect(steady.value(of: .rejectedRatio) == 1.0 / 8)
        #expect(steady.value(of: .attemptsPerCall) == 8.0 / 8)
    }

    @Test(
        "Latency quantiles are those of the answered calls, from the intended start",
        arguments: [
            (Metric.latency(.p50), 0.050), (.latency(.p90), 0.090), (.latency(.p95), 0.095), (.latency(.p99), 0.099),
            (.latency(.p999), 0.1), (.latency(.max), 0.1), (.failedLatency(.max), 2),
        ])
    func latency(metric: Metric, seconds: Double) throws {
        let answered = (1...100).map { (at: 1.0, outcome: CallOutcome.success, milliseconds: Double($0), attempts: 1) }
        let recorder = record(answered + [(2, .timeout, 2000, 1), (2, .loadDropped, 0, 0)])
        let value = try #require(recorder.aggregate(phase: "steady").value(of: metric))
        #expect(abs(value - seconds) <= seconds * 0.001, "\(value)")
    }

    @Test("Lateness is how long after its intended start a call started")
    func lateness() throws {
        var recorder = Recorder(timeline: Self.timeline, loads: [Calls.load])
        for index in 0..<100 {
            let start = Int64(1_000_000_000)
            recorder.record(
                CallRecord(
                    load: "users", index: index, intendedStart: start, started: start + Int64(index + 1) * 1_000_000,
                    ended: start + 200_000_000, outcome: .success, attempts: 1))
        }
        let value = try #require(recorder.aggregate().value(of: .lateness(.p99)))
        #expect(abs(value - 0.099) < 0.0001)
    }

    @Test("A call belongs to the phase of its intended start, wherever it ended")
    func attribution() {
        let recorder = record([(0.9, .success, 500, 1), (2.999, .timeout, 900, 1), (3.0, .success, 1, 1)])
        #expect(recorder.aggregate(phase: "warmup").calls == 1)
        #expect(recorder.aggregate(phase: "steady").count(.timeout) == 1)
        #expect(recorder.aggregate(phase: "fault").count(.success) == 1)
    }

    @Test("Totals leave unmeasured phases out")
    func totals() {
        let recorder = record([(0.5, .success, 1, 1), (1.5, .success, 1, 1), (3.5, .timeout, 1, 1)])
        #expect(recorder.aggregate().calls == 2)
        #expect(recorder.everything().calls == 3)
    }

    @Test("Seconds are made of the calls meant for them")
    func seconds() {
        let recorder = record([(0.1, .success, 1, 1), (0.99, .success, 1, 1), (1.0, .timeout, 1, 1)])
        #expect((0..<recorder.seconds).map { recorder.aggregate(second: $0).calls } == [2, 1, 0, 0])
    }

    @Test("Metrics of nothing are nil, not zero", arguments: Metric.all)
    func nothing(metric: Metric) {
        #expect(record([]).aggregate().value(of: metric) == nil)
    }

    @Test("A call that ends twice counts once, and the second end is noticed")
    func repeated() {
        var recorder = record([(1, .success, 1, 1)])
        recorder.record(Calls.call(0, at: 1, .timeout))
        #expect(recorder.recordedCalls(load: "users") == 1)
        #expect(recorder.repeatedCalls(load: "users") == 1)
        #expect(recorder.aggregate().count(.timeout) == 0)
    }

    @Test(
        "Figures read as people write them",
        arguments: [
            (Figure.percent(0.9991), "99.91 %"), (Figure.percent(1), "100 %"), (Figure.percent(0.999996), "99.99 %"),
            (Figure.percent(0.000001), "0.01 %"), (Figure.time(0.00087), "870 µs"), (Figure.time(0.0124), "12.4 ms"),
            (Figure.time(1.25), "1.25 s"), (Figure.margin(-0.01, .ratio), "−1 points"), (Figure.decimal(-0.04, 1), "0.0"),
            (Figure.decimal(1234.5678, 2), "1234.57"), (Figure.short(3.0), "3"), (Figure.decimal(.nan, 1), "–"),
        ])
    func figures(text: String, expected: String) {
        #expect(text == expected)
    }
}
