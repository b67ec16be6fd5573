import Foundation

/// What the lines of a replay say, in the terms of the scenarios.
enum ScenarioTerms {
    /// The value that a scenario expects under `key`; nil for null.
    static func value(of key: String, in line: JSONObject, at milliseconds: Int) -> String? {
        switch key {
        case "state": line.string("state").map { state in ["halfOpen": "half_open", "isolated": "forced_open"][state] ?? state }
        case "permitted": line.bool("admitted").map { "\($0)" }
        case "allowed": line.bool("allowed").map { "\($0)" }
        case "failure_rate": number(line, "failureRate")
        case "slow_rate": number(line, "slowRate")
        case "total": number(line, "calls")
        case "failed": number(line, "failed")
        case "slow": number(line, "slow")
        case "not_permitted": line.object("counters").flatMap { number($0, "rejected") }
        case "wait_ms", "last_wait_ms": number(line, "wait")
        case "next_free_ms": line.double("nextFree").map { format(Double(milliseconds) + $0) }
        case "available": line.double("permitsLeft").map { format($0 - (line.double("queued") ?? 0)) }
        case "limit": number(line, "limit")
        case "lo": number(line, "lower")
        case "hi": number(line, "upper")
        case "outstanding": number(line, "attemptsInFlight")
        case "p": number(line, "probability")
        default: "no such key"
        }
    }

    /// An expected value, as ``value(of:in:at:)`` writes it.
    static func text(_ value: Any) -> String? {
        switch value {
        case is NSNull: nil
        case let text as String: text
        case let number as NSNumber where CFBooleanCompat.isBool(number): "\(number.boolValue)"
        case let number as NSNumber: format(number.doubleValue)
        default: "\(value)"
        }
    }

    private static func number(_ line: JSONObject, _ key: String) -> String? {
        line.double(key).map(format)
    }

    /// With the five digits that the scenarios give.
    private static func format(_ number: Double) -> String {
        "\((number * 1e5).rounded() / 1e5)"
    }
}

private enum CFBooleanCompat {
    static func isBool(_ number: NSNumber) -> Bool {
        String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
    }
}
