import Holdfast

extension PolicyTrace {
    static func readParts(_ reader: ValueReader) -> (subject: TraceSubject, seed: UInt64, steps: [TraceStep])? {
        guard let object = reader.object("a version, one policy's settings and steps") else { return nil }
        _ = object.optional("$schema")?.string("the schema's address")
        _ = object.optional("description")?.string("what the trace shows")
        readVersion(object)
        let seed = object.optional("seed")?.integer(in: 0 ... .max) ?? 0
        let subject = TraceSubject.read(object)
        let steps = object.required("steps")?.array("steps with a time and an event")
        object.finish()
        guard let subject, let steps else { return nil }
        var names = TraceNames()
        return (subject.value, UInt64(seed), steps.compactMap { TraceStep.read($0, of: subject.key, names: &names) })
    }

    private static func readVersion(_ object: ObjectReader) {
        guard let reader = object.required("version"), let version = reader.integer() else { return }
        if version != 1 { reader.fail("version \(version) is not one that this program reads; expected 1") }
    }
}
