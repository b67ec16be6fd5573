import Holdfast

/// A JSON value to be written; members keep their order.
package enum JSONText: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])
    /// JSON that was written before.
    case raw(String)

    /// The value as compact JSON on one line.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): Self.text(of: number)
        case .string(let text): quoted(text, limit: .max)
        case .raw(let text): text
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { "\(quoted($0, limit: .max)):\($1.text)" }.joined(separator: ",") + "}"
        }
    }

    /// JSON has no infinity and no NaN; whole numbers need no fraction.
    private static func text(of number: Double) -> String {
        guard number.isFinite else { return "null" }
        return Int(exactly: number).map(String.init) ?? String(number)
    }
}

extension JSONText {
    /// A duration in milliseconds; null for none.
    package static func milliseconds(_ duration: Duration?) -> JSONText {
        duration.map { .number(Double($0.nanoseconds) / 1e6) } ?? .null
    }

    /// An instant of the trace in milliseconds.
    static func milliseconds(_ instant: Instant) -> JSONText {
        .number(Double(instant.nanoseconds) / 1e6)
    }

    package static func number(_ number: Double?) -> JSONText {
        number.map { .number($0) } ?? .null
    }

    package static func integer(_ number: Int?) -> JSONText {
        number.map { .integer($0) } ?? .null
    }

    package static func string(_ text: String?) -> JSONText {
        text.map { .string($0) } ?? .null
    }
}
