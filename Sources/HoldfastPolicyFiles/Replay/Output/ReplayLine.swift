import Holdfast

/// One line of a replay's output: what happened at one step, and how the policy stands after it.
struct ReplayLine {
    private var members: [(String, JSONText)]

    init(step: Int, at: Instant, event: TraceEvent.Name) {
        members = [("step", .integer(step)), ("at", .milliseconds(at)), ("event", .string(event.rawValue))]
    }

    /// The line as JSON.
    var text: String { JSONText.object(members).text }

    mutating func add(_ key: String, _ value: JSONText) {
        members.append((key, value))
    }

    mutating func add(_ key: String, _ number: Int?) { add(key, .integer(number)) }
    mutating func add(_ key: String, _ number: Double?) { add(key, .number(number)) }
    mutating func add(_ key: String, _ text: String?) { add(key, .string(text)) }
    mutating func add(_ key: String, _ flag: Bool) { add(key, .bool(flag)) }
    mutating func add(_ key: String, _ duration: Duration?) { add(key, .milliseconds(duration)) }

    /// What the policy counts, and the events since the step before.
    mutating func add(_ counters: PolicyCounters, _ events: [PolicyEvent]) {
        add("counters", counters.json)
        add("events", .array(events.map(\.json)))
    }
}

extension PolicyCounters {
    fileprivate var json: JSONText {
        .object([
            ("admitted", .integer(admitted)), ("rejected", .integer(rejected)), ("succeeded", .integer(succeeded)),
            ("failed", .integer(failed)), ("ignored", .integer(ignored)), ("cancelled", .integer(cancelled)),
            ("stale", .integer(stale)), ("retried", .integer(retried)), ("hedged", .integer(hedged)),
        ])
    }
}
