import Holdfast

extension DegradationController.Configuration: Sectioned {
    static let section = Section<Self>(
        "a load shedder's settings", name: "shed", summary: "Gives up the least critical calls first when resources run short."
    ) {
        Field.required(
            "signals", .section(signalsSection), standIn: Signals(inFlight: .init(enter: 1, leave: 0)), \.signals,
            "Thresholds of pressures; at least one."
        )
        Field.defaulted("hold", .positiveDuration, default: .seconds(5), \.hold, "How long a level is kept at least.")
        Field.defaulted(
            "sampleEvery", .duration(.within(Duration.milliseconds(1) ... .seconds(60))), default: .milliseconds(100), \.sampleEvery,
            "How often the signals are read.")
    } make: { signals, hold, sampleEvery throws(ConfigurationError) in
        try Self(
            inFlight: signals.inFlight, queueTime: signals.queueTime, eventLoopLag: signals.eventLoopLag, cpu: signals.cpu,
            memory: signals.memory, hold: hold, sampleEvery: sampleEvery)
    }

    fileprivate struct Signals {
        var inFlight: Threshold<Int>?
        var queueTime: Threshold<Duration>?
        var eventLoopLag: Threshold<Duration>?
        var cpu: Threshold<Double>?
        var memory: Threshold<Double>?
    }

    private static let signalsSection = Section<Signals>(
        "thresholds of pressures", make: Signals.init(inFlight:queueTime:eventLoopLag:cpu:memory:)
    ) {
        Field.optional(
            "inFlight", .section(threshold(.integer(1...1_000_000_000), .integer(0...999_999_999), standIn: (1, 0))), absent: "no signal",
            \.inFlight, "Calls in flight."
        )
        Field.optional(
            "queueTime", .section(times), absent: "no signal", \.queueTime,
            "How long calls wait in queues, as the program reports it by `report(queueTime:)`; nothing reports it by itself."
        )
        Field.optional("eventLoopLag", .section(times), absent: "no signal", \.eventLoopLag, "How late timers and tasks come.")
        Field.optional(
            "cpu", .section(shares), absent: "no signal", \.cpu, "The used share of the processor time that the process may use.")
        Field.optional("memory", .section(shares), absent: "no signal", \.memory, "The used share of the memory that the process may use.")
    }

    private static let times = threshold(
        .duration(.above(Duration.zero, upTo: .seconds(86_400))), .duration(.from(Duration.zero, below: .seconds(86_400))),
        standIn: (.seconds(1), .zero))
    private static let shares = threshold(.number(.above(0, upTo: 1)), .number(.from(0, below: 1)), standIn: (1, 0))

    private static func threshold<Value>(
        _ enter: Form<Value>, _ leave: Form<Value>, standIn: (enter: Value, leave: Value)
    ) -> Section<Threshold<Value>> {
        Section("two levels, \"enter\" and \"leave\"") {
            Field.required("enter", enter, standIn: standIn.enter, \.enter, "At this or above it is pressure.")
            Field.required("leave", leave, standIn: standIn.leave, \.leave, "At this or below it is calm; below `enter`.")
        } make: {
            Threshold(enter: $0, leave: $1)
        }
    }
}

extension DegradationController.Configuration {
    private var signals: Signals {
        Signals(inFlight: inFlight, queueTime: queueTime, eventLoopLag: eventLoopLag, cpu: cpu, memory: memory)
    }
}
