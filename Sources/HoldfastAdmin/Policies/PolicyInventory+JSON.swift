package import Holdfast
package import HoldfastPolicyFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension PolicyInventory {
    /// All of it, as `GET /v1/policies` answers.
    /// - Parameter service: whose policies these are.
    func json(service: String) -> JSONText {
        .object([
            ("service", .string(service)), ("time", .string(Date().ISO8601Format())),
            ("documents", .array(documents.map(Self.json))), ("policies", .array(groups.map(\.json))),
            (
                "controllers",
                .array(
                    controllers.map {
                        .object([("source", .string($0.source)), ("name", .string($0.controller.name))] + $0.controller.fields)
                    })
            ),
        ])
    }

    private static func json(_ entry: (source: String, state: PolicyRegistry.State, age: Duration)) -> JSONText {
        let state = entry.state
        return .object([
            ("source", .string(entry.source)), ("file", .string(state.document.file)), ("version", .integer(state.version)),
            ("fingerprint", .string(state.document.fingerprint)),
            ("since", .string(Date(timeIntervalSinceNow: -entry.age.seconds).ISO8601Format())),
            ("ageSeconds", .number((entry.age.seconds * 10).rounded() / 10)), ("refusedChanges", .integer(state.refusals)),
            ("failure", .string((state.failure?.description) as String?)),
        ])
    }
}

extension PolicyInventory.Group {
    fileprivate var json: JSONText {
        .object([
            ("source", .string(source)), ("name", .string(name)),
            (
                "routes",
                .array(
                    routes.map { route in
                        .object([
                            ("methods", .string("\(route.pattern)")), ("idempotent", .bool(route.isIdempotent)),
                            ("criticality", .string(route.criticality.rawValue)),
                        ])
                    })
            ),
            ("elements", .array(policies.map(\.stateJSON))),
        ])
    }
}

extension Policy {
    /// The policy with what it has done and how it stands.
    package var stateJSON: JSONText {
        .object([
            ("name", .string(name)), ("kind", .string(kind.rawValue)), ("summary", .string(summary)),
            ("counters", counters.json), ("state", .object((self as? any PolicyWithState)?.fields ?? [])),
        ])
    }
}

extension PolicyCounters {
    /// Those that are not zero.
    fileprivate var json: JSONText {
        let all: [(String, Int)] = [
            ("admitted", admitted), ("rejected", rejected), ("succeeded", succeeded), ("failed", failed), ("ignored", ignored),
            ("cancelled", cancelled), ("stale", stale), ("timedOut", timedOut), ("abandoned", abandoned), ("retried", retried),
            ("hedged", hedged), ("fellBack", fellBack), ("injected", injected),
        ]
        return .object(all.filter { $0.1 != 0 }.map { ($0.0, .integer($0.1)) })
    }
}
