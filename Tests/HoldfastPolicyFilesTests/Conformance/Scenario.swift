import Foundation
import Testing

/// One behaviour table: a configuration, and steps with what is expected after each.
///
/// `scenarios.json` is a copy of the project's conformance tables: what the tests and specifications of resilience4j, Polly, failsafe-go,
/// gobreaker, tower, Netflix concurrency-limits and gRPC expect (`provenance` names the file and the test), and what those get
/// wrong (`px-*`).
struct Scenario: CustomTestStringConvertible, Sendable {
    struct Step: Sendable {
        let milliseconds: Int
        let operation: String
        let fields: JSONObject
        let expectations: JSONObject
    }

    let id: String
    let component: String
    let configuration: JSONObject
    let steps: [Step]

    var testDescription: String { id }

    static let all: [Scenario] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("scenarios.json")
        let document = try! JSONObject(JSONSerialization.jsonObject(with: Data(contentsOf: file)))
        return document.objects("scenarios").map { Scenario($0) }
    }()

    private init(_ object: JSONObject) {
        id = object.string("id")!
        component = object.string("component")!
        configuration = object.object("config")!
        steps = object.objects("steps").map { step in
            Step(
                milliseconds: step.int("t")!, operation: step.string("op")!, fields: step,
                expectations: step.object("expect") ?? JSONObject([String: Any]()))
        }
    }
}
