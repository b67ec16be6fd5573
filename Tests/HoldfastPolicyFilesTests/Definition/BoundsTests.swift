import HoldfastPolicyFiles
import Testing

/// The definitions say what the core takes; here the core is asked, at the edge of every range.
@Suite("The ranges in the definitions are those of the core")
struct BoundsTests {
    /// Fields whose ranges end earlier where another field says so, which a document of one field cannot help.
    private static let narrowed = [
        "open.max", "adaptiveLimiter.initial", "adaptiveLimiter.minimum", "window.time", "window.count", ".leave", "inFlight.enter",
        "adaptive.minimum", "linear.max", "exponential.max", "open.for", "exponential.base", "linear.base", "minimumCalls",
        "tokenBucket.burst", "tokenBucket.per",
    ]

    @Test("At an edge a value is taken, beyond it refused", arguments: ElementShapes.all.map(\.key))
    func edges(kind: String) throws {
        let shape = try #require(ElementShapes.all.first { $0.key == kind })
        var count = 0
        for probe in Probe.all(of: shape.shape, path: "policies.p.pipeline[0].\(kind)", wrap: { "{\"\(kind)\":\($0)}" }) {
            let errors = elementDiagnostics(probe.element).filter { $0.path == probe.path }
            let isNarrowed = Self.narrowed.contains { probe.path.hasSuffix($0) }
            if probe.isInside, isNarrowed { continue }
            #expect(errors.isEmpty == probe.isInside, "\(probe.path) = \(probe.value): \(errors.map(\.message))")
            count += 1
        }
        #expect(count > 0)
    }

    private func elementDiagnostics(_ element: String) -> [Diagnostic] {
        let json = "{\"version\":1,\"policies\":{\"p\":{\"pipeline\":[\(element)]}}}"
        do {
            _ = try PolicyDocument(file: "f", bytes: Array(json.utf8), environment: [:])
            return []
        } catch {
            return error.diagnostics
        }
    }
}

/// A value at an edge, or just beyond it, in an element that is right otherwise.
private struct Probe {
    let path: String
    let value: String
    let isInside: Bool
    let element: String

    static func all(of shape: Shape, path: String, wrap: (String) -> String) -> [Probe] {
        switch shape {
        case .integer(let bounds):
            edges(bounds, step: 1, path, wrap) { "\($0)" }
        case .number(let bounds):
            edges(bounds, step: 0.0001, path, wrap) { "\($0)" }
        case .duration(let bounds):
            edges(bounds, step: .nanoseconds(1), path, wrap) { "\"\($0 / .nanoseconds(1))ns\"" }
        case .object(let section):
            section.members.flatMap { member in
                member.alternatives.flatMap { fields in
                    fields.flatMap { field in
                        all(of: field.shape, path: "\(path).\(field.key)") { value in
                            wrap(Example.object(section, with: fields, field.key, value))
                        }
                    }
                }
            }
        case .anyOf(let shapes): shapes.flatMap { all(of: $0, path: path, wrap: wrap) }
        case .list(let shape), .someOf(let shape): all(of: shape, path: "\(path)[0]") { wrap("[\($0)]") }
        case .bool, .text, .matching, .words, .map, .settings, .anything, .null: []
        }
    }

    private static func edges<Value: Comparable & AdditiveArithmetic>(
        _ bounds: Bounds<Value>, step: Value, _ path: String, _ wrap: (String) -> String, _ text: (Value) -> String
    ) -> [Probe] {
        var probes: [(Value, Bool)] = []
        if let lower = bounds.lower {
            probes += bounds.excludesLower ? [(lower + step, true), (lower, false)] : [(lower, true), (lower - step, false)]
        }
        if let upper = bounds.upper {
            probes += bounds.excludesUpper ? [(upper - step, true), (upper, false)] : [(upper, true), (upper + step, false)]
        }
        return probes.map { Probe(path: path, value: text($0), isInside: $1, element: wrap(text($0))) }
    }
}

/// Values that are right, as JSON.
private enum Example {
    /// An object of the fields that must be there, and of one more.
    static func object(_ section: SectionShape, with alternative: [FieldShape], _ key: String, _ value: String) -> String {
        var members = [key: value]
        for member in section.members {
            let others = member.alternatives
            let fields =
                others.count == 1 || others.contains { $0.map(\.key) == alternative.map(\.key) }
                ? others.count == 1 ? others[0] : alternative : others[0]
            for field in fields where field.isRequired && members[field.key] == nil { members[field.key] = text(field.shape) }
        }
        return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private static func text(_ shape: Shape) -> String {
        switch shape {
        case .bool: "true"
        case .integer(let bounds): "\(bounds.lower ?? 1)"
        case .number(let bounds): bounds.excludesLower ? "0.5" : "\(bounds.lower ?? 1)"
        case .duration(let bounds): bounds.excludesUpper ? "\"0s\"" : "\"1s\""
        case .text, .matching: "\"x\""
        case .words(let words): "\"\(words.last ?? "")\""
        case .list(let shape), .someOf(let shape): "[\(text(shape))]"
        case .map, .settings: "{}"
        case .object(let section): object(section, with: [], "", "").replacing("\"\":,", with: "").replacing("\"\":", with: "")
        case .anything: "1"
        case .null: "null"
        case .anyOf(let shapes): text(shapes[0])
        }
    }
}

extension MemberShape {
    /// The fields of each alternative; of a plain field, that one.
    fileprivate var alternatives: [[FieldShape]] {
        switch self {
        case .field(let field): [[field]]
        case .choice(let alternatives): alternatives.map(\.fields)
        case .tag(let field, let alternatives): alternatives.map { [field] + $0.fields }
        }
    }
}
