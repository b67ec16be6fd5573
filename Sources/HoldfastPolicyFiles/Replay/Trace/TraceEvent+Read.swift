import Holdfast

extension TraceEvent {
    /// Reads one event.
    /// - Parameter names: the calls that have begun before.
    static func read(_ name: Name, _ reader: ValueReader, of kind: TraceKind, names: inout TraceNames) -> TraceEvent? {
        switch name {
        case .call: readCall(reader, &names)
        case .record: readRecord(reader)
        case .admit, .acquire: readAdmit(name, reader, &names)
        case .settle: readSettle(reader, &names)
        case .answer:
            reader.callName().map { call in
                names.check(call, at: reader)
                return .answer(call)
            }
        case .drop:
            reader.callName().map { call in
                names.end(call, at: reader)
                return .drop(call)
            }
        case .control: reader.oneOf(kind.controls).map { .control($0) }
        case .reconfigure: TraceSubject.read(kind, reader).map { .reconfigure($0) }
        case .check: reader.unit("nothing in it") { _ in .check }
        case .pressure: readPressure(reader)
        case .sample: readSample(reader)
        case .deposit: readTimes(reader).map { .deposit($0) }
        case .withdraw: readTimes(reader).map { .withdraw($0) }
        case .delay: readDelay(reader)
        case .start: readStart(reader, &names)
        case .end: readEnd(reader, of: kind, names)
        }
    }

    private static func readPressure(_ reader: ValueReader) -> TraceEvent? {
        reader.unit("readings of pressures") { object in
            var pressures: [Pressure: Double] = [:]
            pressures[.queueTime] = object.optional("queueTime")?.duration()?.seconds
            pressures[.eventLoopLag] = object.optional("eventLoopLag")?.duration()?.seconds
            pressures[.cpu] = object.optional("cpu")?.rate()
            pressures[.memory] = object.optional("memory")?.rate()
            return .pressure(pressures)
        }
    }

    private static func readSample(_ reader: ValueReader) -> TraceEvent? {
        reader.unit("a round-trip time and a number of attempts in flight") { object in
            let rtt = object.required("rtt")?.duration()
            let inFlight = object.required("inFlight")?.integer(in: 0...1_000_000)
            let didDrop = object.optional("dropped")?.bool() ?? false
            guard let rtt, let inFlight else { return nil }
            return .sample(rtt: rtt, inFlight: inFlight, didDrop: didDrop)
        }
    }

    /// `"deposit": 3` is short for `{"times": 3}`.
    private static func readTimes(_ reader: ValueReader) -> Int? {
        if case .number = reader.node.value { return reader.integer(in: 1...100_000) }
        return reader.unit("a number of times") { object in
            object.optional("times").map { $0.integer(in: 1...100_000) } ?? 1
        }
    }

    /// `"delay": 3` is short for `{"retry": 3}`.
    private static func readDelay(_ reader: ValueReader) -> TraceEvent? {
        if case .number = reader.node.value { return reader.integer(in: 1 ... .max).map { .delay(retry: $0, previous: nil) } }
        return reader.unit("the number of the retry") { object in
            let previous = object.optional("previous")?.duration()
            return object.required("retry")?.integer(in: 1 ... .max).map { .delay(retry: $0, previous: previous) }
        }
    }

    /// `"start": "a"` is short for the name.
    private static func readStart(_ reader: ValueReader, _ names: inout TraceNames) -> TraceEvent? {
        if reader.isString {
            guard let name = reader.callName() else { return nil }
            names.begin(name, endsByItself: true, at: reader)
            return .start(TraceCall(name: name))
        }
        return reader.unit("the name of a call") { object in
            _ = object.required("name")
            let call = TraceCall.read(object)
            readName(of: call, at: object, endsByItself: true, &names)
            return call.name == nil ? nil : .start(call)
        }
    }

    private static func readEnd(_ reader: ValueReader, of kind: TraceKind, _ names: TraceNames) -> TraceEvent? {
        reader.unit("the name of a call and how its attempt ended") { object in
            let name = object.required("name")
            let text = name?.callName()
            let attempt = kind == .hedge ? object.optional("attempt")?.integer(in: 1...11) : nil
            let enclosingWillAct = kind == .retry ? object.optional("enclosingWillAct")?.bool() : nil
            let result = TraceResult.read(object)
            guard let name, let text, let result else { return nil }
            names.check(text, at: name)
            return .end(text, attempt: attempt, result, enclosingWillAct: enclosingWillAct ?? false)
        }
    }

    private static func readCall(_ reader: ValueReader, _ names: inout TraceNames) -> TraceEvent? {
        reader.unit("an outcome and a duration") { object in
            let call = TraceCall.read(object)
            let duration = object.optional("duration").map { $0.duration() } ?? .zero
            let result = TraceResult.read(object)
            readName(of: call, at: object, endsByItself: true, &names)
            guard let duration, let result else { return nil }
            return .call(call, result, duration: duration)
        }
    }

    private static func readRecord(_ reader: ValueReader) -> TraceEvent? {
        reader.unit("an outcome and a duration") { object in
            let times = object.optional("times")?.integer(in: 1...100_000) ?? 1
            let duration = object.optional("duration").map { $0.duration() } ?? .zero
            let result = TraceResult.read(object)
            guard let duration, let result else { return nil }
            return .record(result, duration: duration, times: times)
        }
    }

    /// `"admit": "a"` and `"acquire": 3` are short for the name and for the number of permits.
    private static func readAdmit(_ event: Name, _ reader: ValueReader, _ names: inout TraceNames) -> TraceEvent? {
        if event == .admit, reader.isString {
            guard let name = reader.callName() else { return nil }
            names.begin(name, endsByItself: false, at: reader)
            return .admit(TraceCall(name: name), event)
        }
        if event == .acquire, case .number = reader.node.value {
            return reader.integer(in: 1...1_000_000_000).map { .admit(TraceCall(attributes: CallAttributes(weight: $0)), event) }
        }
        return reader.unit("what the caller says about the call") { object in
            let call = TraceCall.read(object)
            readName(of: call, at: object, endsByItself: false, &names)
            return .admit(call, event)
        }
    }

    /// `"settle": "a"` is short for a success.
    private static func readSettle(_ reader: ValueReader, _ names: inout TraceNames) -> TraceEvent? {
        if reader.isString {
            guard let name = reader.callName() else { return nil }
            names.end(name, at: reader)
            return .settle(name, .judged(.success))
        }
        return reader.unit("the name of a call and how it ended") { object in
            let name = object.required("name")
            let text = name?.callName()
            let result = TraceResult.read(object)
            guard let name, let text, let result else { return nil }
            names.end(text, at: name)
            return .settle(text, result)
        }
    }

    private static func readName(of call: TraceCall, at object: ObjectReader, endsByItself: Bool, _ names: inout TraceNames) {
        guard let name = call.name, let reader = object.optional("name") else { return }
        if call.times > 1 { reader.fail("\(call.times) calls cannot have one name; leave out the name or \"times\"") }
        names.begin(name, endsByItself: endsByItself, at: reader)
    }
}

extension ValueReader {
    fileprivate func callName() -> String? { string("the name of a call") }
}
