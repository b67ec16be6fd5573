import Foundation
import Holdfast
import ProcessExit

/// A replica of a service that is somebody's own program: started, awaited, killed and stopped, and otherwise left alone.
actor CommandService: LoopbackReplica {
    nonisolated let name: String
    private let command: CommandSpec
    private let watchdog: Watchdog.Leash?
    /// The port of loopback that it serves on; 0 before its first start.
    private(set) var port = 0
    private var process: Process?

    /// - Parameter watchdog: ends its processes when the runner dies; nil for none.
    init(name: String, _ command: CommandSpec, _ watchdog: Watchdog.Leash?) {
        self.name = name
        self.command = command
        self.watchdog = watchdog
    }

    /// Starts the program, the first time on a free port, then on the same again, and waits until it takes connections.
    func start() async throws {
        if port == 0 {
            // Let go of at once: a program that does not reuse addresses could not take it else.
            guard let free = ReservedPort() else { throw failure("there is no free port") }
            port = free.number
        }
        let process = Process()
        let errors = Pipe()
        // Looks for the program as a shell does, and becomes it.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command.start.map { $0.replacing("{port}", with: String(port)) }
        if !command.folder.isEmpty { process.currentDirectoryURL = URL(filePath: command.folder) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw failure("it could not be started: \(error.localizedDescription)")
        }
        watchdog?.tell(.started(process.processIdentifier))
        let complaints = OutputTail(errors.fileHandleForReading)
        self.process = process
        let deadline = TimeSource.system.now() + command.readyWithin
        while !LoopbackPort.takesConnections(port) {
            guard process.isRunning else {
                let text = await complaints.text()
                throw failure("it ended before it took connections\(text.isEmpty ? "" : ": \(text)")")
            }
            guard TimeSource.system.now() < deadline, !Task.isCancelled else {
                await stop()
                try Task.checkCancellation()
                throw failure("it took no connection on port \(port) within \(Figure.time(command.readyWithin.seconds))")
            }
            await Pause.uncancellable(.milliseconds(20))
        }
    }

    var isRunning: Bool { process?.isRunning ?? false }

    /// - Returns: whether there is nothing to install: the program knows of no faults.
    func install(_ plan: FaultPlan) -> Bool { plan.entries.isEmpty }

    func hits() -> [String: Int] { [:] }

    /// Of its inside nothing is known.
    func observe() -> Observation? { nil }

    func freeze() -> Bool {
        guard let process, process.isRunning else { return false }
        return Foundation.kill(process.processIdentifier, SIGSTOP) == 0
    }

    func thaw() {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGCONT)
    }

    func limitProcessors(to cores: Double?) -> Int { 0 }

    func kill(_ signal: FaultKind.KillSignal) async {
        send(signal)
        await awaitEnd()
    }

    func stop() async {
        send(command.stopSignal)
        let deadline = TimeSource.system.now() + command.stopWithin
        while isRunning, TimeSource.system.now() < deadline { await Pause.uncancellable(.milliseconds(5)) }
        if isRunning { send(.kill) }
        await awaitEnd()
    }

    func leftovers() -> [String] {
        isRunning ? ["the process of \(name) still runs"] : []
    }

    private func send(_ signal: FaultKind.KillSignal) {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, signal == .kill ? SIGKILL : SIGTERM)
    }

    private func awaitEnd() async {
        while isRunning { await Pause.uncancellable(.milliseconds(2)) }
        if let process { watchdog?.tell(.ended(process.processIdentifier)) }
    }

    private func failure(_ what: String) -> HarnessError {
        HarnessError("service \"\(name)\" (\(command.start.joined(separator: " "))): \(what)")
    }
}
