import Foundation

/// The built `holdfast` command, run as a user runs it.
final class HoldfastCommand {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let reader: OutputReader
    private let errorReader: OutputReader

    init(_ arguments: String...) throws {
        process.executableURL = Self.executable
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        reader = OutputReader(output.fileHandleForReading)
        errorReader = OutputReader(errors.fileHandleForReading)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Beside the tests in the build folder.
    static let executable = Bundle.main.bundleURL.appendingPathComponent("holdfast")

    /// The package's folder.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func file(_ name: String) -> String {
        root.appendingPathComponent("Tests/EndToEndTests/Files/\(name)").path
    }

    var processID: Int32 { process.processIdentifier }

    /// Waits until a line of the output contains `text`; nil if the output ends without.
    func line(containing text: String) -> String? {
        reader.line(containing: text)
    }

    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits for the end.
    func finish() -> Outcome {
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: reader.all(), errors: errorReader.all())
    }
}
