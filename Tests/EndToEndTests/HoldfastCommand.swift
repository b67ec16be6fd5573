import Foundation
import ProcessExit

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

    convenience init(_ arguments: String...) throws {
        try self.init(arguments)
    }

    /// - Parameter environment: a variable with its value that is set for it, beside those of the tests.
    convenience init(_ arguments: [String], environment: String? = nil) throws {
        if let environment {
            try self.init(running: URL(fileURLWithPath: "/usr/bin/env"), [environment, Self.executable.path] + arguments)
        } else {
            try self.init(running: Self.executable, arguments)
        }
    }

    /// Runs a line of the shell, in which `$0` is the command; `exec` makes the process that of the command.
    convenience init(shell line: String, _ arguments: String...) throws {
        try self.init(running: URL(fileURLWithPath: "/bin/sh"), ["-c", line, Self.executable.path] + arguments)
    }

    /// Runs a script of `Tests/ForeignPeers`.
    convenience init(python script: String, _ arguments: String...) throws {
        let file = Self.root.appendingPathComponent("Tests/ForeignPeers/\(script)").path
        try self.init(running: URL(fileURLWithPath: Self.python ?? "python3"), [file] + arguments)
    }

    /// Runs another program, wherever it is.
    convenience init(program: String, _ arguments: [String]) throws {
        try self.init(running: URL(fileURLWithPath: "/usr/bin/env"), [program] + arguments)
    }

    /// The interpreter that has what the scripts need; nil when there is none.
    static let python = ProcessInfo.processInfo.environment["HOLDFAST_PYTHON"]

    private init(running executable: URL, _ arguments: [String]) throws {
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        reader = OutputReader(output.fileHandleForReading)
        errorReader = OutputReader(errors.fileHandleForReading)
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
    func line(containing text: String) async -> String? {
        await blocking { [reader] in reader.line(containing: text) }
    }

    /// The same for what it complains of.
    func errorLine(containing text: String) async -> String? {
        await blocking { [errorReader] in errorReader.line(containing: text) }
    }

    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits for the end.
    func finish() async -> Outcome {
        let (output, errors) = await blocking { [reader, errorReader] in (reader.all(), errorReader.all()) }
        return Outcome(status: process.waitForExit(), output: output, errors: errors)
    }

    /// Runs what blocks on a thread of its own: the pool that runs all tests has only as many threads as there are cores.
    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
