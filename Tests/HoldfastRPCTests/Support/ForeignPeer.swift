import Foundation
import ProcessExit
import Testing

/// Runs another program: the Python scripts of `Tests/ForeignPeers`, with the interpreter that `HOLDFAST_PYTHON` names, or any command.
actor ForeignPeer {
    /// The interpreter; nil when there is none to test against.
    static let python = ProcessInfo.processInfo.environment["HOLDFAST_PYTHON"]

    /// Whether to run the tests against foreign peers: in CI always, so that a missing interpreter fails there.
    static var isRequired: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] == "true" }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    init(_ script: String, _ arguments: [String] = []) throws {
        let python = try #require(Self.python, "HOLDFAST_PYTHON must name a Python that has grpcio and grpcio-tools")
        try self.init(command: python, [Self.file(script).path()] + arguments)
    }

    init(command: String, _ arguments: [String]) throws {
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// A file in `Tests/ForeignPeers`.
    static func file(_ name: String) -> URL {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return tests.appending(path: "ForeignPeers/\(name)")
    }

    /// The next line that the program prints; nil at its end.
    func line() async throws -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread = Data(unread[(end + 1)...])
                return line
            }
            let pipe = output.fileHandleForReading
            let bytes = try await blocking { pipe.availableData }
            guard !bytes.isEmpty else { return nil }
            unread += bytes
        }
    }

    /// Ends the script's input, upon which servers end, and waits for its end.
    func finish() async throws -> Int32 {
        try input.fileHandleForWriting.close()
        return try await blocking { [process] in process.waitForExit() }
    }

    deinit {
        if process.isRunning { process.terminate() }
    }
}
