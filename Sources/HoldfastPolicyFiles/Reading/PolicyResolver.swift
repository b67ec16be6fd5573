import Holdfast

/// Makes policies of drafts: gives elements their names, and adds what each policy takes over from the one that it extends.
struct PolicyResolver {
    /// How many policies a policy may extend one through the other.
    private static let maximumDepth = 16
    /// How many elements all policies together may take over; more are a mistake, or an attack on the memory.
    private static let maximumInherited = 100_000

    private let document: DocumentReader
    private let drafts: [Entry<String, PolicyDraft>]
    private let numbers: [String: Int]
    private var resolved: [String: PolicyDefinition?] = [:]
    /// Those that could be read as a whole, with all that they extend.
    private var whole: Set<String> = []
    private var sharedGates: SharedGates
    private var inherited = 0

    init(_ drafts: [Entry<String, PolicyDraft>], _ document: DocumentReader) {
        self.drafts = drafts
        self.document = document
        numbers = Dictionary(drafts.enumerated().map { ($0.element.key, $0.offset) }) { first, _ in first }
        sharedGates = SharedGates(document)
    }

    /// All policies in their order.
    mutating func resolve() -> [PolicyDefinition] {
        drafts.compactMap { draft in
            if resolved[draft.key] == nil { resolve(draft) }
            return resolved[draft.key] ?? nil
        }
    }

    /// Resolves a policy, and first those that it extends; a loop, so that no chain of them is too deep for the stack.
    private mutating func resolve(_ draft: Entry<String, PolicyDraft>) {
        var chain = [draft]
        while let base = chain[chain.count - 1].value.extends, resolved[base.value] == nil {
            guard let next = numbers[base.value].map({ drafts[$0] }) else {
                reportMissing(base)
                break
            }
            if chain.contains(where: { $0.key == base.value }) {
                let names = chain.map { quoted($0.key) }.joined(separator: " extends ")
                document.report(at: base.location, "a policy cannot extend itself: \(names) extends \(quoted(base.value))")
                for policy in chain { resolved[policy.key] = .some(nil) }
                return
            }
            chain.append(next)
            if chain.count > Self.maximumDepth {
                document.report(at: base.location, "extended through more than \(Self.maximumDepth) policies; extend the first of them")
                for policy in chain { resolved[policy.key] = .some(nil) }
                return
            }
        }
        for policy in chain.reversed() { resolved[policy.key] = build(policy) }
    }

    private func reportMissing(_ base: Located<String>) {
        guard let names = document.policyNames, !names.set.contains(base.value) else { return }
        document.report(
            at: base.location, "there is no policy \(quoted(base.value)); \(Spelling.advice(for: base.value, among: names.list))")
    }

    private mutating func build(_ entry: Entry<String, PolicyDraft>) -> PolicyDefinition {
        let draft = entry.value
        var names = ElementNames(document)
        var pipeline: [PipelineElement] = []
        for element in draft.pipeline {
            pipeline.append(PipelineElement(element, name: names.name(element.name, of: element.settings.kind, at: element.location)))
            sharedGates.check(pipeline[pipeline.count - 1])
            sharedGates.checkBudget(of: element.settings, at: element.budget)
        }
        var fallback: FallbackDefinition?
        if let own = draft.fallback ?? nil {
            fallback = FallbackDefinition(own, name: names.name(own.name, of: .fallback, at: own.location))
        }
        if let base = draft.extends.flatMap({ resolved[$0.value] ?? nil }) {
            // What could not be read would only look as if it were missing.
            if draft.isWhole, whole.contains(base.name) {
                if draft.fallback == nil { fallback = base.fallback }
                pipeline = merge(pipeline, into: base, &fallback, draft, at: entry.location)
            }
        } else if draft.extends == nil, let first = draft.without.first {
            document.report(at: first.location, "the policy extends no other, so there is nothing to leave out")
        }
        if draft.isWhole, draft.extends.map({ whole.contains($0.value) }) ?? true { whole.insert(entry.key) }
        checkEndpointBreakers(pipeline)
        return PolicyDefinition(name: entry.key, pipeline: pipeline, fallback: fallback, location: entry.location)
    }

    /// Puts the elements of a policy among those that it takes over: each in place of the one of its name, or else directly behind the
    /// one before it, so that the order of both lists holds.
    private mutating func merge(
        _ own: [PipelineElement], into base: PolicyDefinition, _ fallback: inout FallbackDefinition?, _ draft: PolicyDraft,
        at location: SourceLocation
    ) -> [PipelineElement] {
        let known = base.pipeline.map(\.name) + (base.fallback.map { [$0.name] } ?? [])
        for name in draft.without where !known.contains(name.value) {
            let advice = Spelling.advice(for: name.value, among: known)
            document.report(at: name.location, "\(quoted(base.name)) has no element \(quoted(name.value)); \(advice)")
        }
        let without = Set(draft.without.map(\.value))
        if draft.fallback == nil, let name = fallback?.name, without.contains(name) { fallback = nil }

        var result = base.pipeline.filter { !without.contains($0.name) }
        var position = 0
        for element in own {
            if let index = result.firstIndex(where: { $0.name == element.name }) {
                let (name, kind) = (quoted(element.name), result[index].kind)
                if kind != element.kind {
                    document.report(
                        at: element.location, "\(name) is a \(kind) in \(quoted(base.name)); give this \(element.kind) another name")
                } else if index < position {
                    document.report(
                        at: element.location,
                        "\(name) stands further out in \(quoted(base.name)); keep the order, or leave it out there by \"without\"")
                }
                result[index] = element
                position = max(position, index + 1)
            } else {
                result.insert(element, at: position)
                position += 1
            }
        }
        if let fallback, let other = result.first(where: { $0.name == fallback.name }) {
            let place = draft.fallback == nil ? other.location : fallback.location
            document.report(
                at: place, "the name \(quoted(fallback.name)) is taken by another element of \(quoted(base.name)); give another \"name\"")
        }
        inherited += result.count
        if inherited > Self.maximumInherited {
            document.report(at: location, "the policies take over more than \(Self.maximumInherited) elements in all")
            return []
        }
        return result
    }

    private func checkEndpointBreakers(_ pipeline: [PipelineElement]) {
        for (index, element) in pipeline.enumerated() where element.scope == .endpoint {
            if element.shared != nil {
                document.report(
                    at: element.location, "a breaker for each endpoint cannot be \"shared\"; give one of \"shared\" and \"scope\"")
            }
            if index < pipeline.count - 1 {
                document.report(
                    at: element.location, "a breaker for each endpoint acts where a server is picked, further in than all else; put it last"
                )
            }
        }
    }
}

extension PipelineElement {
    fileprivate init(_ draft: ElementDraft, name: String) {
        self.init(
            name: name, settings: draft.settings, isEnabled: draft.isEnabled, shared: draft.shared, scope: draft.scope,
            location: draft.location)
    }
}

extension FallbackDefinition {
    fileprivate init(_ draft: FallbackDraft, name: String) {
        self.init(
            name: name, steps: draft.steps, on: draft.on, singleFlight: draft.singleFlight, metadata: draft.metadata,
            isEnabled: draft.isEnabled, location: draft.location)
    }
}
