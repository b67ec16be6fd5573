import Foundation

/// A server in a process of its own.
final class ServerProcess {
    let kind: ServerKind
    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let folder: URL?

    /// Starts a ``ByteServer``.
    static func bytes() throws -> ServerProcess {
        try ServerProcess(.holdfast, [ByteServer.argument])
    }

    /// Starts it and waits until it serves.
    convenience init(_ kind: ServerKind) throws {
        try self.init(kind, [ServerMode.argument, kind.rawValue])
    }

    private init(_ kind: ServerKind, _ arguments: [String]) throws {
        self.kind = kind
        process.standardInput = input
        process.standardOutput = output
        if kind == .nghttpd {
            (port, folder) = (try LoopbackSocket.freePort(), try Nghttpd.makeFolder())
            process.executableURL = Tool.find(Nghttpd.command)
            process.arguments = ["--no-tls", "-d", folder?.path ?? "/", "\(port)"]
            try Children.shared.start(process)
            // It says nothing when it is ready.
            _ = try LoopbackSocket.connected(to: port)
            return
        }
        folder = nil
        process.executableURL = try Self.executable()
        process.arguments = arguments
        try Children.shared.start(process)
        guard let port = Int(Self.line(from: output) ?? "") else {
            Children.shared.endAll()
            throw BenchmarkError("the server ended before it was ready")
        }
        self.port = port
    }

    /// Microseconds of processor time that it has used so far.
    func cpuTime() throws -> Double {
        try ProcessStatistics.cpuTime(of: process.processIdentifier)
    }

    /// Bytes of memory that it has resident.
    func residentBytes() throws -> Double {
        try ProcessStatistics.residentBytes(of: process.processIdentifier)
    }

    /// What it asks of the allocator while `body` runs; nil where it cannot say.
    func allocations(_ body: () async throws -> Void) async throws -> Allocations.Counts? {
        guard kind != .nghttpd, Allocations.areCounted else {
            try await body()
            return nil
        }
        try say(ServerMode.count)
        try await body()
        try say(ServerMode.counted)
        let numbers = (Self.line(from: output) ?? "").split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 2 else { throw BenchmarkError("the server did not say what it has allocated") }
        return Allocations.Counts(calls: numbers[0], allocated: numbers[1])
    }

    private func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }

    /// Ends it, and waits for that.
    func stop() {
        try? input.fileHandleForWriting.close()
        if kind == .nghttpd { process.terminate() }
        // Not waitUntilExit(), which was seen to wait for ever for a process that had gone.
        for _ in 0..<200 where process.isRunning { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        Children.shared.ended(process)
        if let folder { try? FileManager.default.removeItem(at: folder) }
    }

    /// The line is short: it comes whole.
    private static func line(from pipe: Pipe) -> String? {
        let bytes = pipe.fileHandleForReading.availableData
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private static func executable() throws -> URL {
        guard let executable = Bundle.main.executableURL else { throw BenchmarkError("cannot find this program's own file") }
        return executable
    }
}
