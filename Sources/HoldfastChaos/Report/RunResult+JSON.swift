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
    package init(json: Data) throws {
        self = try JSONDecoder().decode(RunResult.self, from: json)
    }
}
