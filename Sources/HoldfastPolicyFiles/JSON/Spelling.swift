/// Finds the name that somebody meant.
package enum Spelling {
    /// The candidate nearest to `name`, if it is near enough to be a slip: at most a third of its letters, case aside.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        // Bounds on the work that one slip can cause; a list of names this long helps nobody either.
        guard name.utf8.count <= 64, candidates.count <= 1000 else { return nil }
        let ranked = candidates.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.name.count / 3) && best.distance < name.count ? best.name : nil
    }

    /// The Damerau-Levenshtein distance (optimal string alignment): edits of one letter and swaps of two neighbours.
    package static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first.unicodeScalars)
        let second = Array(second.unicodeScalars)
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for i in first.indices {
            var row = [i + 1]
            for j in second.indices {
                let substitution = last[j] + (first[i] == second[j] ? 0 : 1)
                var cost = min(last[j + 1] + 1, row[j] + 1, substitution)
                if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[second.count]
    }

    /// `did you mean "a"?` or, if none is near, `expected "a", "b" or "c"`.
    package static func advice(for name: String, among candidates: [String]) -> String {
        if let nearest = nearest(to: name, among: candidates) { return "did you mean \(quoted(nearest))?" }
        return candidates.isEmpty ? "expected none" : "expected \(list(candidates))"
    }

    /// `"a", "b" or "c"`; of a long list the beginning.
    package static func list(_ names: [String], or conjunction: String = "or") -> String {
        var items = names.prefix(20).map { quoted($0) }
        if names.count > items.count { items.append("\(names.count - items.count) more") }
        guard let last = items.popLast() else { return "" }
        return items.isEmpty ? last : "\(items.joined(separator: ", ")) \(conjunction) \(last)"
    }
}
