import Holdfast

/// Compares two documents element by element, by their names.
struct PolicyComparison {
    private(set) var changes: [PolicyDiff.Change] = []
    private(set) var effects: [PolicyDiff.Effect] = []

    mutating func compare(_ old: PolicyDocument, _ new: PolicyDocument) {
        let before = Dictionary(old.policies.map { ($0.name, $0) }) { first, _ in first }
        let after = Dictionary(new.policies.map { ($0.name, $0) }) { first, _ in first }
        let reached = Set((old.routes + new.routes).map(\.policy))
        let idempotent = (old: old.idempotentPolicies, new: new.idempotentPolicies)
        for policy in new.policies {
            if let before = before[policy.name] {
                let isReached = reached.contains(policy.name)
                let idempotence = (old: idempotent.old.contains(policy.name), new: idempotent.new.contains(policy.name))
                let count = changes.count
                compare(before, policy)
                guard changes.count > count || idempotence.old != idempotence.new else { continue }
                let routing = isReached ? [] : ["no route leads to it, so no call that is routed changes"]
                for text in routing + PolicyEffects.of(before, policy, isIdempotent: idempotence) {
                    effects.append(.init(policy: policy.name, text: text))
                }
            } else {
                note(.added, "policy \(policy.name)", new: policy.fullOutline)
            }
        }
        for policy in old.policies where after[policy.name] == nil {
            note(.removed, "policy \(policy.name)", old: policy.outline)
        }
        compareRoutes(old.routes, new.routes)
    }

    // MARK: Policies

    /// An element that is off is in no pipeline, so that what becomes of it there is no change.
    private mutating func compare(_ old: PolicyDefinition, _ new: PolicyDefinition) {
        let before = Dictionary(old.pipeline.map { ($0.name, $0) }) { first, _ in first }
        let after = Set(new.pipeline.map(\.name))
        for element in old.enabledElements where !after.contains(element.name) {
            note(.removed, "\(old.name)/\(element.name)", old: element.kind.rawValue)
        }
        for element in new.pipeline {
            let place = "\(new.name)/\(element.name)"
            guard let old = before[element.name], old.isEnabled || element.isEnabled else {
                if element.isEnabled { note(.added, place, new: element.outline) }
                continue
            }
            if old.kind != element.kind {
                if old.isEnabled { note(.removed, place, old: old.kind.rawValue) }
                if element.isEnabled { note(.added, place, new: element.outline) }
            } else if old != element {
                compare(old.fields, element.fields, in: place)
            }
        }
        compareOrder(old, new)
        compareFallbacks(old, new)
    }

    private mutating func compare(_ old: [PolicyField], _ new: [PolicyField], in place: String) {
        let before = Dictionary(old.map { ($0.path, $0.text) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.path, $0.text) }) { first, _ in first }
        for field in old where after[field.path] == nil && field.text != "none" {
            // A section that is gone altogether says so once, by its own `none`.
            guard !new.contains(where: { field.path.hasPrefix("\($0.path).") }) else { continue }
            note(.changed, "\(place).\(field.path)", old: field.text, new: nil)
        }
        for field in new where before[field.path] != field.text {
            let section = old.filter { $0.path.hasPrefix("\(field.path).") }
            let parts = section.map { "\($0.path.dropFirst(field.path.count + 1)) \($0.text)" }
            let text = before[field.path] ?? (parts.isEmpty ? nil : parts.joined(separator: ", "))
            note(.changed, "\(place).\(field.path)", old: text, new: field.text)
        }
    }

    /// What stands elsewhere among the elements that both have: as few as can explain the new order.
    private mutating func compareOrder(_ old: PolicyDefinition, _ new: PolicyDefinition) {
        let places = Dictionary(old.pipeline.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
        let common = new.pipeline.enumerated().compactMap { index, element -> (name: String, old: Int, new: Int)? in
            guard let place = places[element.name], element.isEnabled || old.pipeline[place].isEnabled else { return nil }
            return (element.name, place, index)
        }
        let kept = Set(Self.longestRise(common.map(\.old)))
        for (index, element) in common.enumerated() where !kept.contains(index) {
            note(.moved, "\(new.name)/\(element.name)", old: "place \(element.old)", new: "place \(element.new)")
        }
    }

    /// The indices of a longest rising subsequence; pipelines are short, so each is held against each.
    private static func longestRise(_ numbers: [Int]) -> [Int] {
        var rises: [[Int]] = []
        for (index, number) in numbers.enumerated() {
            let before = rises.filter { numbers[$0[$0.count - 1]] < number }.max { $0.count < $1.count } ?? []
            rises.append(before + [index])
        }
        return rises.max { $0.count < $1.count } ?? []
    }

    private mutating func compareFallbacks(_ old: PolicyDefinition, _ new: PolicyDefinition) {
        switch (old.fallback, new.fallback) {
        case (let old, let new) where old?.isEnabled != true && new?.isEnabled != true: break
        case (nil, nil): break
        case (nil, let fallback?): note(.added, "\(new.name)/\(fallback.name)", new: fallback.outline)
        case (let fallback?, nil): note(.removed, "\(old.name)/\(fallback.name)", old: fallback.outline)
        case (let before?, let after?) where before.name != after.name:
            note(.removed, "\(old.name)/\(before.name)", old: before.outline)
            note(.added, "\(new.name)/\(after.name)", new: after.outline)
        case (let before?, let after?): compare(before.fields, after.fields, in: "\(new.name)/\(after.name)")
        }
    }

    // MARK: Routes

    private mutating func compareRoutes(_ old: [RouteDefinition], _ new: [RouteDefinition]) {
        let before = Dictionary(old.map { ($0.pattern, $0) }) { first, _ in first }
        let after = Set(new.map(\.pattern))
        for route in new {
            let place = "route \(route.pattern)"
            guard let old = before[route.pattern] else {
                note(.added, place, new: route.outline)
                continue
            }
            if old.policy != route.policy { note(.changed, place, old: old.policy, new: route.policy) }
            if old.isIdempotent != route.isIdempotent {
                note(.changed, "\(place).idempotent", old: "\(old.isIdempotent)", new: "\(route.isIdempotent)")
            }
            if old.criticality != route.criticality {
                note(.changed, "\(place).criticality", old: old.criticality.rawValue, new: route.criticality.rawValue)
            }
        }
        for route in old where !after.contains(route.pattern) { note(.removed, "route \(route.pattern)", old: route.policy) }
    }

    private mutating func note(_ kind: PolicyDiff.Change.Kind, _ place: String, old: String? = nil, new: String? = nil) {
        changes.append(.init(kind: kind, place: place, old: old, new: new))
    }
}

extension PolicyDocument {
    /// The policies whose calls may run twice under any route.
    fileprivate var idempotentPolicies: Set<String> { Set(routes.filter(\.isIdempotent).map(\.policy)) }
}

extension PolicyDefinition {
    /// The kinds in their order, as in `timeout, retry, timeout`.
    fileprivate var outline: String { outline(\.kind.rawValue) }

    /// The same with their settings, as in `timeout (after 1s), retry`.
    fileprivate var fullOutline: String { outline(\.outline) }

    private func outline(_ words: (PipelineElement) -> String) -> String {
        let parts = enabledElements.map(words) + (fallback?.isEnabled == true ? ["fallback"] : [])
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }
}

extension RouteDefinition {
    /// The policy, and what differs from the defaults.
    fileprivate var outline: String {
        ([policy] + (isIdempotent ? ["idempotent"] : []) + (criticality == .critical ? [] : [criticality.rawValue]))
            .joined(separator: ", ")
    }
}

extension FallbackDefinition {
    /// The steps in their order, as in `lastGood, value`.
    fileprivate var outline: String {
        steps.map { step in
            switch step.action {
            case .lastGood: "lastGood"
            case .value: "value"
            case .target(let endpoint, _): "target \(quoted(endpoint))"
            case .handler(let name): "handler \(quoted(name))"
            }
        }.joined(separator: ", ")
    }
}
