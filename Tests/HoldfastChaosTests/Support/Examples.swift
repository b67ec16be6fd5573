import Foundation
import HoldfastChaos

/// The scenarios that the repository ships.
enum Examples {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Examples")

    static func scenario(_ name: String, _ parameters: [String: String] = [:]) throws -> Scenario {
        try Scenario.load(path: folder.appending(path: "\(name).json").path, parameters: parameters)
    }
}
