import Foundation
import Holdfast

/// A replica of a service that is somebody's own program: started, awaited, killed and stopped, and otherwise left alone.
actor CommandService: LoopbackReplica {
    nonisolated let name: String
    private let command: CommandSpec
    private let watchdog: Watchdog.Leash?
    /// The port of loopback that it serves on; 0 before its first start.
    private(set) var port = 0
    private var group: ProcessGroup?

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
        let errors = Pipe()
        let group: ProcessGroup
        do {
            let words = command.start.map { $0.replacing("{port}", with: String(port)) }
            group = try ProcessGroup(words, folder: command.folder.isEmpty ? nil : command.folder, errors: errors.fileHandleForWriting)
        } catch {
            throw failure("it could not be started: \(error)")
        }
        watchdog?.tell(.started(group.leader))
        let complaints = OutputTail(errors.fileHandleForReading)
        self.group = group
        let deadline = TimeSource.system.now() + command.readyWithin
        while !LoopbackPort.takesConnections(port) {
            guard group.isRunning else {
                await end(.kill)
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

    var isRunning: Bool { group?.isRunning ?? false }

    /// - Returns: whether there is nothing to install: the program knows of no faults.
    func install(_ plan: FaultPlan) -> Bool { plan.entries.isEmpty }

    func hits() -> [String: Int] { [:] }

    /// Of its inside nothing is known.
    func observe() -> Observation? { nil }

    func freeze() -> Bool { group?.send(SIGSTOP) ?? false }

    func thaw() { group?.send(SIGCONT) }

    func limitProcessors(to cores: Double?) -> Int { 0 }

    /// One that does not obey is killed after as long as a stop may take.
    func kill(_ signal: FaultKind.KillSignal) async { await end(signal, heedsCancellation: true) }

    func stop() async { await end(command.stopSignal) }

    func leftovers() -> [String] {
        group?.isEmpty ?? true ? [] : ["processes of \(name) still run"]
    }

    private func end(_ signal: FaultKind.KillSignal, heedsCancellation: Bool = false) async {
        guard let group else { return }
        await group.end(signal.number, within: command.stopWithin, heedsCancellation: heedsCancellation)
        if group.isEmpty { watchdog?.tell(.ended(group.leader)) }
    }

    private func failure(_ what: String) -> HarnessError {
        HarnessError("service \"\(name)\" (\(command.start.joined(separator: " "))): \(what)")
    }
}
