package import Foundation

extension RunResult {
    /// The text of `result.json`; keys are sorted, so that two runs can be compared line by line.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// The result in a `result.json`.
    package init(json: Data) throws {
        self = try JSONDecoder().decode(RunResult.self, from: json)
    }
}
