import Foundation

/// A command-line tool of the system.
enum Tool {
    /// What a tool printed and how it ended.
    struct Result {
        let output: String
        let succeeded: Bool
    }

    /// Where the tool is; nil when it is not installed.
    static func find(_ name: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").lazy
            .map { URL(filePath: String($0)).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Runs the tool to its end; nil when it is not installed.
    static func run(_ name: String, _ arguments: [String]) throws -> Result? {
        guard let executable = find(name) else { return nil }
        let process = Process()
        let output = Pipe()
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try Children.shared.start(process)
        defer { Children.shared.ended(process) }
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(output: String(decoding: bytes, as: UTF8.self), succeeded: process.terminationStatus == 0)
    }

    /// The first line of what the tool printed; nil when it is not installed or failed.
    static func line(_ name: String, _ arguments: [String]) -> String? {
        guard let result = try? run(name, arguments), result.succeeded else { return nil }
        return result.output.split(separator: "\n").first.map(String.init)
    }
}
