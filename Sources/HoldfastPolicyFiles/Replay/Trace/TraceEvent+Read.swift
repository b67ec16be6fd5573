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
