import Foundation
import Testing

/// A JSON object that a test reads or compares with.
struct JSONObject: @unchecked Sendable {
    // Never changed after it was made, and only of the values that JSONSerialization makes.
    let members: [String: Any]

    init(_ value: Any) {
        members = value as! [String: Any]
    }

    /// One line of a replay.
    init(line: String) throws {
        members = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }

    var keys: [String] { members.keys.sorted() }

    func contains(_ key: String) -> Bool { members[key] != nil }
    func isNull(_ key: String) -> Bool { members[key] is NSNull }
    func string(_ key: String) -> String? { members[key] as? String }
    func int(_ key: String) -> Int? { members[key] as? Int }
    func double(_ key: String) -> Double? { members[key] as? Double }
    func bool(_ key: String) -> Bool? { members[key] as? Bool }
    func object(_ key: String) -> JSONObject? { (members[key] as? [String: Any]).map { JSONObject($0) } }
    func objects(_ key: String) -> [JSONObject] { (members[key] as? [[String: Any]] ?? []).map { JSONObject($0) } }
}
