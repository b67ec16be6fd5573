/// Which calls a trace has named so far, so that a step cannot end one that never began.
struct TraceNames {
    private enum State {
        case running
        /// It may have ended: it ends by itself.
        case endsByItself
        case ended
    }

    private var states: [String: State] = [:]

    /// Notes that a call begins; reports one that already runs.
    mutating func begin(_ name: String, endsByItself: Bool, at reader: ValueReader) {
        if states[name] == .running {
            reader.fail("the call \(quoted(name)) has not ended yet; settle or drop it first, or take another name")
        }
        states[name] = endsByItself ? .endsByItself : .running
    }

    /// Notes that a call ends; reports one that does not run.
    mutating func end(_ name: String, at reader: ValueReader) {
        guard check(name, at: reader) else { return }
        states[name] = .ended
    }

    /// Reports a name that no call under way has.
    @discardableResult
    func check(_ name: String, at reader: ValueReader) -> Bool {
        switch states[name] {
        case .running, .endsByItself: return true
        case .ended: reader.fail("the call \(quoted(name)) has ended already")
        case nil: reader.fail("no call \(quoted(name)) has begun; \(Spelling.advice(for: name, among: states.keys.sorted()))")
        }
        return false
    }
}
