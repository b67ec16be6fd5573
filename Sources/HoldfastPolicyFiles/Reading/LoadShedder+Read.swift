import Holdfast

extension DegradationController.Configuration {
    /// Reads the settings of a load shedder; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let hold = object.optional("hold")?.duration()
        let sampleEvery = object.optional("sampleEvery")?.duration()
        let signals = object.required("signals")?.unit("thresholds of pressures", readSignals)
        guard let signals else { return nil }
        return object.configuration { accepted throws(ConfigurationError) in
            // A signal that is refused is replaced, or there might be none left, which the core would refuse as well.
            func taken<Value>(_ name: String, _ threshold: Threshold<Value>?, or other: Threshold<Value>) -> Threshold<Value>? {
                threshold.map { accepted("signals.\(name)", $0) ?? other }
            }
            return try Self(
                inFlight: taken("inFlight", signals.inFlight, or: .init(enter: 1, leave: 0)),
                queueTime: taken("queueTime", signals.queueTime, or: .init(enter: .seconds(1), leave: .zero)),
                eventLoopLag: taken("eventLoopLag", signals.eventLoopLag, or: .init(enter: .seconds(1), leave: .zero)),
                cpu: taken("cpu", signals.cpu, or: .init(enter: 1, leave: 0)),
                memory: taken("memory", signals.memory, or: .init(enter: 1, leave: 0)), hold: accepted("hold", hold) ?? .seconds(5),
                sampleEvery: accepted("sampleEvery", sampleEvery) ?? .milliseconds(100))
        }
    }

    private struct Signals {
        var inFlight: Threshold<Int>?
        var queueTime: Threshold<Duration>?
        var eventLoopLag: Threshold<Duration>?
        var cpu: Threshold<Double>?
        var memory: Threshold<Double>?
    }

    private static func readSignals(_ object: ObjectReader) -> Signals? {
        Signals(
            inFlight: readThreshold(object.optional("inFlight")) { $0.integer() },
            queueTime: readThreshold(object.optional("queueTime")) { $0.duration() },
            eventLoopLag: readThreshold(object.optional("eventLoopLag")) { $0.duration() },
            cpu: readThreshold(object.optional("cpu")) { $0.number() },
            memory: readThreshold(object.optional("memory")) { $0.number() })
    }

    private static func readThreshold<Value: Comparable & Hashable & Sendable>(
        _ reader: ValueReader?, _ read: (ValueReader) -> Value?
    ) -> Threshold<Value>? {
        reader?.unit("two levels, \"enter\" and \"leave\"") { object in
            let enter = object.required("enter").flatMap(read)
            let leave = object.required("leave").flatMap(read)
            guard let enter, let leave else { return nil }
            return Threshold(enter: enter, leave: leave)
        }
    }
}
