package import Foundation

extension RunResult {
    /// The text of `result.json`; keys are sorted, so that two runs can be compared line by line.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// Writes `result.json`, `junit.xml` and `report.html` into a folder that is there.
    ///
    /// - Throws: ``HarnessError`` when one of them cannot be written.
    func write(to folder: URL) throws {
        do {
            try json().write(to: folder.appendingPathComponent("result.json"))
            try Data(JUnitReport(self).xml.utf8).write(to: folder.appendingPathComponent("junit.xml"))
            try Data(HTMLReport(self).html().utf8).write(to: folder.appendingPathComponent("report.html"))
        } catch {
            throw HarnessError("cannot write to \(folder.path): \(error.localizedDescription)")
        }
    }

    /// The result in a `result.json`.
    ///
    /// - Throws: `DecodingError` for what is none, or has figures that no run has: reports add them up, and cut time into as many seconds.
    package init(json: Data) throws {
        self = try JSONDecoder().decode(RunResult.self, from: json)
        guard isPlausible else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "it has figures that no run has"))
        }
    }

    private var isPlausible: Bool {
        let (count, seconds) = (0...(1 << 32), 0...1e9)
        return phases.allSatisfy { seconds.contains($0.start) && seconds.contains($0.end) }
            && variants.allSatisfy { variant in
                let replicas = variant.replicas ?? []
                return replicas.allSatisfy { $0.worked.count == replicas[0].worked.count && $0.worked.allSatisfy(count.contains) }
                    && variant.loads.flatMap(\.seconds).allSatisfy { second in
                        count.contains(second.second) && count.contains(second.attempts)
                            && second.outcomes.values.allSatisfy(count.contains)
                    }
            }
    }
}
