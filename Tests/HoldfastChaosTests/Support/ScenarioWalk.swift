import Foundation
import HoldfastPolicyFiles

@testable import HoldfastChaos

/// Holds the shapes of the scenario format against the reader: puts a key and a word that nobody knows at each place of a scenario, and
/// compares what the reader says it expected there with what the shapes say.
struct ScenarioWalk {
    private static let stranger = "zzzzzzzzzzzzzzz"

    private(set) var differences: [String] = []
    private var visited: Set<String> = []
    private var root: Any = NSNull()

    /// The keys of the shapes that stood in none of the scenarios.
    var unvisited: [String] {
        var keys: Set<String> = []
        Self.list(.object(ScenarioSchema.document), "", &keys)
        return keys.subtracting(visited).sorted()
    }

    mutating func compare(_ text: String) throws {
        root = try JSONSerialization.jsonObject(with: Data(text.utf8))
        walk(root, .object(ScenarioSchema.document), [], "")
    }

    private mutating func walk(_ value: Any, _ shape: Shape, _ path: [Step], _ place: String) {
        switch shape {
        case .object(let section):
            guard let object = value as? [String: Any] else { return }
            // A section that refers to another by its name.
            let section = section.members.isEmpty && section.name == "distribution" ? Self.distribution : section
            compareKeys(of: object, section, path, place)
            for (field, fieldPlace) in Self.fields(of: object, section, place) {
                guard let member = object[field.key] else { continue }
                visited.insert(fieldPlace)
                walk(member, field.shape, path + [.key(field.key)], fieldPlace)
            }
        case .list(let element), .someOf(let element):
            guard let list = value as? [Any] else { return }
            for (index, item) in list.enumerated() { walk(item, element, path + [.index(index)], place + "[]") }
        case .anyOf(let shapes):
            for shape in shapes { walk(value, shape, path, place) }
        case .words(let words): compareWords(words, path)
        case .bool, .integer, .number, .duration, .text, .matching, .map, .settings, .anything, .null: break
        }
    }

    private mutating func compareKeys(of object: [String: Any], _ section: SectionShape, _ path: [Step], _ place: String) {
        let allowed = Set(Self.fields(of: object, section, place).map(\.field.key))
        var choices: Set<String> = []
        for case .choice(let alternatives) in section.members { choices.formUnion(alternatives.compactMap(\.key)) }
        let known = Set(expected(setting(path + [.key(Self.stranger)])))
        // Of alternatives the reader asks for all keys that choose, and then for those of the one that is there.
        if !allowed.isSubset(of: known) || !known.subtracting(allowed).isSubset(of: choices) {
            differences.append("\(place): the shapes have \(allowed.sorted()), the reader asks for \(known.sorted())")
        }
    }

    private mutating func compareWords(_ words: [String], _ path: [Step]) {
        let message = message(setting(path))
        guard message.hasPrefix("expected \"") else { return }
        let known = Set(quotedWords(message)).subtracting([Self.stranger])
        let isWhole = !message.contains(" more")
        if isWhole ? known != Set(words) : !known.isSubset(of: words) {
            differences.append("\(path): the shapes have \(words), the reader \(known.sorted())")
        }
    }

    // What an object may have

    private static let distribution: SectionShape = {
        guard case .anyOf(let shapes) = ScenarioSchema.distribution, case .object(let section) = shapes[1] else { fatalError("no section") }
        return section
    }()

    private static func fields(
        of object: [String: Any], _ section: SectionShape, _ place: String
    ) -> [(field: FieldShape, place: String)] {
        section.members.flatMap { member -> [(FieldShape, String)] in
            switch member {
            case .field(let field): return [(field, "\(place).\(field.key)")]
            case .choice(let alternatives):
                guard let chosen = alternatives.first(where: { object[$0.key ?? ""] != nil }) else { return [] }
                return chosen.fields.map { ($0, "\(place).\($0.key)") }
            case .tag(let tag, let alternatives):
                let word = object[tag.key] as? String
                let chosen = alternatives.first { $0.key == word }?.fields ?? []
                return [(tag, "\(place).\(tag.key)")] + chosen.map { ($0, "\(place)(\(word ?? "")).\($0.key)") }
            }
        }
    }

    private static func list(_ shape: Shape, _ place: String, _ keys: inout Set<String>) {
        switch shape {
        case .object(let section):
            for member in section.members {
                switch member {
                case .field(let field): list(field, "\(place).\(field.key)", &keys)
                case .choice(let alternatives):
                    for field in alternatives.flatMap(\.fields) { list(field, "\(place).\(field.key)", &keys) }
                case .tag(let tag, let alternatives):
                    list(tag, "\(place).\(tag.key)", &keys)
                    for one in alternatives {
                        for field in one.fields { list(field, "\(place)(\(one.key ?? "")).\(field.key)", &keys) }
                    }
                }
            }
        case .list(let element), .someOf(let element): list(element, place + "[]", &keys)
        case .anyOf(let shapes):
            // A distribution is looked into once, wherever it stands.
            let isDistribution = shapes.contains { if case .object(let section) = $0 { section.name == "distribution" } else { false } }
            if !isDistribution || place == ".services[].serviceTime" { for shape in shapes { list(shape, place, &keys) } }
        default: break
        }
    }

    private static func list(_ field: FieldShape, _ place: String, _ keys: inout Set<String>) {
        // What several kinds of faults share is looked into once.
        keys.insert(place)
        let isShared = ["select", "shape"].contains(field.key) && !place.contains("(rpc.latency)") && place.contains("faults")
        if !isShared { list(field.shape, place, &keys) }
    }

    // What the reader says

    private enum Step {
        case key(String)
        case index(Int)
    }

    /// The document with the stranger at a place, and that place as diagnostics have it.
    private func setting(_ path: [Step]) -> (text: String, path: String) {
        var name = ""
        for step in path {
            switch step {
            case .key(let key): name += (name.isEmpty ? "" : ".") + key
            case .index(let index): name += "[\(index)]"
            }
        }
        let data = try? JSONSerialization.data(
            withJSONObject: Self.replace(root, path[...]), options: [.sortedKeys, .withoutEscapingSlashes])
        return (String(decoding: data ?? Data(), as: UTF8.self), name)
    }

    private static func replace(_ value: Any, _ path: ArraySlice<Step>) -> Any {
        guard let step = path.first else { return stranger }
        switch step {
        case .key(let key):
            var object = value as? [String: Any] ?? [:]
            object[key] = replace(object[key] as Any, path.dropFirst())
            return object
        case .index(let index):
            var list = value as? [Any] ?? []
            list[index] = replace(list[index], path.dropFirst())
            return list
        }
    }

    private func message(_ place: (text: String, path: String)) -> String {
        do {
            _ = try ScenarioText.read(place.text)
            return ""
        } catch {
            // Keys such as ">=" stand in brackets.
            let path = place.path.replacing(".>=", with: "[\">=\"]")
            return error.diagnostics.first { $0.path == path }?.message ?? ""
        }
    }

    private func expected(_ place: (text: String, path: String)) -> [String] { quotedWords(message(place)) }

    private func quotedWords(_ text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
