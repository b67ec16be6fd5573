import Holdfast
import HoldfastPolicyFiles

/// Something that an operator does to a policy.
struct PolicyCommand: Equatable {
    /// What can be done to what.
    enum Action: Equatable {
        case breaker(Breaker)
        case hold(Criticality?)
        case releaseLevel
        case resetLimiter
        case chaos(isEnabled: Bool)

        enum Breaker: String, CaseIterable {
            case isolate, disable, observe, release, trip, probe, reset
        }
    }

    /// Kinds of policies, as operators call them.
    enum Kind: String, CaseIterable {
        case breaker, shed, limiter, chaos
    }

    let kind: Kind
    let name: String
    /// The source that the policy is of; nil if that goes without saying.
    let source: String?
    let action: Action

    /// Reads `{"kind":"breaker","name":"say","action":"isolate"}`.
    /// - Throws: `DocumentError` with all that is wrong with it.
    static func read(_ body: [UInt8]) throws(DocumentError) -> PolicyCommand {
        try DocumentReader.read(file: "command", bytes: body) { root in
            guard let object = root.object("kind, name and action") else { return nil }
            let kind = object.required("kind")?.oneOf(Kind.self)
            let name = object.required("name")?.string("a policy's name")
            let source = object.optional("source")?.string("a source's name")
            let action = object.required("action")
            // What else there is to read depends on the kind.
            guard let kind, let name, let action = action.flatMap({ Self.action(of: kind, $0, object) }) else { return nil }
            object.finish()
            return PolicyCommand(kind: kind, name: name, source: source, action: action)
        }
    }

    private static func action(of kind: Kind, _ reader: ValueReader, _ object: ObjectReader) -> Action? {
        switch kind {
        case .breaker: return reader.oneOf(Action.Breaker.self).map { .breaker($0) }
        case .limiter: return reader.oneOf(["reset": .resetLimiter])
        case .chaos: return reader.oneOf(["enable": .chaos(isEnabled: true), "disable": .chaos(isEnabled: false)])
        case .shed:
            guard let holds = reader.oneOf(["hold": true, "release": false]) else { return nil }
            guard holds else { return .releaseLevel }
            let levels = [("none", Criticality?.none)] + Criticality.allCases.map { ($0.rawValue, $0) }
            return object.required("level")?.oneOf(listed: levels.map { (name: $0.0, value: $0.1) }).map { .hold($0) }
        }
    }
}
