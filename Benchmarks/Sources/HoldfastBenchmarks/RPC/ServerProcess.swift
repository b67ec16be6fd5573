import Foundation

/// The Say service in a process of its own.
final class ServerProcess {
    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts it and waits until it serves.
    init() throws {
        process.executableURL = try Self.executable()
        process.arguments = [ServerMode.argument]
        process.standardInput = input
        process.standardOutput = output
        try Children.shared.start(process)
        guard let port = Int(Self.line(from: output) ?? "") else {
            Children.shared.endAll()
            throw BenchmarkError("the server ended before it was ready")
        }
        self.port = port
    }

    /// Microseconds of processor time that it has used so far.
    func cpuTime() throws -> Double {
        try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
        guard let time = Double(Self.line(from: output) ?? "") else { throw BenchmarkError("the server has ended") }
        return time
    }

    /// Closes its input, on which it ends, and waits for that.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        Children.shared.ended(process)
    }

    /// The replies are short: a line comes whole.
    private static func line(from pipe: Pipe) -> String? {
        let bytes = pipe.fileHandleForReading.availableData
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private static func executable() throws -> URL {
        guard let executable = Bundle.main.executableURL else { throw BenchmarkError("cannot find this program's own file") }
        return executable
    }
}
