import Foundation
import HoldfastChaos
import HoldfastPolicyFiles

/// A small scenario in JSON, of which a test changes one thing.
enum ScenarioText {
    static let fault = #"""
        { "id": "errors", "kind": "rpc.error", "target": { "service": "say" }, "from": "fault", "for": "4s", "group": "g",
                        "select": { "per": "attempt", "probability": 0.6 }, "with": { "status": "UNAVAILABLE" } }
        """#

    static let base = """
        {
          "version": 1, "name": "small", "title": "A small one", "seed": 7, "time": "real",
          "services": [ { "name": "say", "kind": "say" } ],
          "variants": [ { "name": "full", "policies": "say.json", "disable": ["say/fallback"], "expect": { "fail": ["answered"] } } ],
          "load": [ { "name": "users", "method": "grpconepb.grpconepb/SayHi", "request": { "name": "user-${i % 10}" },
                      "deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "steady", "rps": 100 } ] } } } ],
          "phases": [ { "name": "steady", "for": "2s", "gate": true }, { "name": "fault", "for": "4s" }, { "name": "after", "for": "8s" } ],
          "faults": [ \(fault) ],
          "assertions": [
            { "id": "baseline", "role": "gate", "phase": "steady", "metric": "successRatio", "is": { ">=": 0.999 } },
            { "id": "answered", "role": "during", "phase": "fault", "metric": "answeredRatio", "is": { ">=": 0.99 } },
            { "id": "story", "role": "after", "breaker": "say/circuitBreaker", "timeline": [ { "state": "open", "within": "2s", "after": "fault" } ] },
            { "id": "back", "role": "after", "metric": "successRatio",
              "recovers": { "is": { ">=": 0.99 }, "sustained": "2s", "within": "5s", "after": "fault.end" } },
            { "id": "truth", "role": "after", "invariant": "noWrongData" } ]
        }
        """

    static let outline = PolicyOutline(elements: ["say/circuitBreaker", "say/fallback"], breakers: ["say/circuitBreaker"])

    /// The base scenario with each of the texts replaced.
    static func replacing(_ changes: [String: String]) -> String {
        changes.reduce(base) { text, change in
            precondition(text.contains(change.key), "the scenario does not contain \(change.key)")
            return text.replacingOccurrences(of: change.key, with: change.value)
        }
    }

    static func read(_ text: String, methods: [DemoMethod] = [FaultyServer.say]) throws(DocumentError) -> Scenario {
        try Scenario.read(file: "s.json", bytes: Array(text.utf8), methods: methods) { _ in outline }
    }

    static func scenario() throws -> Scenario { try read(base) }
}
