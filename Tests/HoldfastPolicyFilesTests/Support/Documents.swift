import Foundation
import HoldfastPolicyFiles

/// A document of policies and routes; every method goes to `p` unless the routes say otherwise.
func document(_ policies: String, routes: String = #"{"*":"p"}"#) throws -> PolicyDocument {
    try PolicyDocument(file: "f.json", bytes: Array(documentText(policies, routes: routes).utf8))
}

/// The same for one policy `p` with that pipeline.
func pipelineDocument(_ elements: String) throws -> PolicyDocument {
    try document("{\"p\":{\"pipeline\":[\(elements)]}}")
}

func documentText(_ policies: String, routes: String = #"{"*":"p"}"#) -> String {
    "{\"version\":1,\"policies\":\(policies),\"routes\":\(routes)}"
}

/// A folder of its own for a test, gone when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}
