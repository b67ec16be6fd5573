package import Foundation
import Holdfast

/// A service of the run: a real process, started, told what to do, killed and started again.
package actor ServiceProcess {
    package struct StartFailure: Error, CustomStringConvertible {
        package let description: String
    }

    package nonisolated let name: String
    private let executable: URL
    private let arguments: [String]
    private var port = 0
    private var process: Process?
    private var input: FileHandle?
    private var replies: ReplyReader?
    private var complaints: OutputTail?
    /// Hits of earlier processes of this service.
    private var earlierHits: [String: Int] = [:]

    /// - Parameters:
    ///   - executable: the `holdfast` command.
    ///   - arguments: of its `serve` command, without the port.
    package init(name: String, executable: URL, arguments: [String]) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
    }

    /// Starts the process and waits until it serves; the first time on a free port, then on the same again.
    /// - Returns: the port.
    package func start() async throws -> Int {
        let process = Process()
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.executableURL = executable
        process.arguments = arguments + ["--port", String(port)]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        let replies = ReplyReader(output.fileHandleForReading)
        let complaints = OutputTail(errors.fileHandleForReading)
        do {
            try process.run()
        } catch {
            throw StartFailure(description: "service \"\(name)\" could not be started: \(error.localizedDescription)")
        }
        self.process = process
        self.input = input.fileHandleForWriting
        self.replies = replies
        self.complaints = complaints
        guard case .ready(let port) = await replies.next() else {
            await stop()
            let reason = complaints.text.isEmpty ? "exit code \(process.terminationStatus)" : complaints.text
            throw StartFailure(description: "service \"\(name)\" ended before it was ready: \(reason)")
        }
        self.port = port
        return port
    }

    /// Whether the process runs.
    package var isRunning: Bool { process?.isRunning ?? false }

    /// The process id; nil before the first start.
    package var processID: Int32? { process?.processIdentifier }

    /// Puts faults into force in the process; does nothing while it is down.
    package func install(_ plan: FaultPlan) async {
        guard isRunning, (try? send(.install(plan))) != nil else { return }
        _ = await replies?.next()
    }

    /// How many attempts each fault hit, over all processes of this service so far.
    package func hits() async -> [String: Int] {
        guard isRunning, (try? send(.report)) != nil, case .hits(let hits) = await replies?.next() else { return earlierHits }
        return earlierHits.merging(hits, uniquingKeysWith: +)
    }

    /// Sends a signal that ends the process, and waits for its end.
    package func kill(_ signal: FaultKind.KillSignal) async {
        earlierHits = await hits()
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, signal == .kill ? SIGKILL : SIGTERM)
        await awaitEnd()
    }

    /// Ends the process: asks it by closing its input, and kills it if that does not help soon.
    package func stop() async {
        guard let process else { return }
        try? input?.close()
        input = nil
        let deadline = TimeSource.system.now() + .seconds(3)
        while process.isRunning, TimeSource.system.now() < deadline {
            // Not the cancellable sleep: children are ended on every way out, cancellation included.
            await Self.pause()
        }
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        await awaitEnd()
        replies?.close()
        complaints?.close()
    }

    private func awaitEnd() async {
        while process?.isRunning == true { await Self.pause() }
    }

    private static func pause() async {
        await Task.detached { try? await TimeSource.system.sleep(for: .milliseconds(5)) }.value
    }

    private func send(_ command: ControlCommand) throws {
        try input?.write(contentsOf: JSONEncoder().encode(command) + Data("\n".utf8))
    }
}
