package import Foundation
import Holdfast
import ProcessExit

/// A replica of a demo service: a real process, started, told what to do, killed and started again.
package actor ServiceProcess: LoopbackReplica {
    package struct StartFailure: Error, CustomStringConvertible {
        package let description: String
    }

    package nonisolated let name: String
    private let executable: URL
    private let arguments: [String]
    private static let longestStart = Duration.seconds(10)
    /// A process that takes longer to obey is taken for hung, and not asked again.
    private static let longestReply = Duration.seconds(2)
    /// A process that takes longer to end is killed.
    private static let longestStop = Duration.seconds(3)

    /// The port of loopback that it serves on; 0 before its first start.
    private(set) var port = 0
    private var reservation: ReservedPort?
    private var process: Process?
    private var input: FileHandle?
    /// Set once the process serves: before that the first reply is awaited by whoever starts it.
    private var replies: ReplyReader?
    /// The command that is waiting for its reply; the next one waits for it.
    private var exchange: Task<ControlReply?, Never>?
    /// Hits of earlier processes of this service.
    private var earlierHits: [String: Int] = [:]
    /// Hits of this process, as it last told them.
    private var latestHits: [String: Int] = [:]
    /// What the rules that count had counted in this process, as it last told, and, while they are in force, in those before it.
    private var counted: [String: Int] = [:]
    /// What a process told before it was killed.
    private var lastWords: Observation?
    /// Stopped by ``freeze()``: it answers nobody, the runner included.
    private var isFrozen = false
    private var quota: ProcessorQuota?
    private let watchdog: Watchdog.Leash?

    /// - Parameters:
    ///   - executable: the `holdfast` command.
    ///   - arguments: of its `serve` command, without the port.
    ///   - watchdog: ends its processes when the runner dies; nil for none.
    package init(name: String, executable: URL, arguments: [String], watchdog: Watchdog.Leash? = nil) {
        self.name = name
        self.watchdog = watchdog
        self.executable = executable
        self.arguments = arguments
    }

    /// Starts the process and waits until it serves; the first time on a free port, then on the same again.
    package func start() async throws {
        if port == 0 {
            reservation = ReservedPort()
            port = reservation?.number ?? 0
        }
        let process = Process()
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.executableURL = executable
        process.arguments = arguments + ["--port", String(port)]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw StartFailure(description: "service \"\(name)\" could not be started: \(error.localizedDescription)")
        }
        watchdog?.tell(.started(process.processIdentifier))
        isFrozen = false
        let replies = ReplyReader(output.fileHandleForReading)
        let complaints = OutputTail(errors.fileHandleForReading)
        self.process = process
        self.input = input.fileHandleForWriting
        let child = process.processIdentifier
        let limit = TimeSource.system.schedule(at: TimeSource.system.now() + Self.longestStart) { Foundation.kill(child, SIGKILL) }
        defer { limit.cancel() }
        guard case .ready(let port) = await replies.next() else {
            await stop()
            try Task.checkCancellation()
            let text = await complaints.text()
            let reason = text.isEmpty ? "exit code or signal \(process.terminationStatus)" : text
            throw StartFailure(description: "service \"\(name)\" ended before it was ready: \(reason)")
        }
        self.replies = replies
        self.port = port
    }

    /// Whether the process runs.
    package var isRunning: Bool { process.map { !$0.hasEnded } ?? false }

    func leftovers() -> [String] {
        isRunning ? ["the process of \(name) still runs"] : []
    }

    /// Puts faults into force in the process, in place of all others; a process that is down has none.
    /// - Returns: whether that is now so.
    package func install(_ plan: FaultPlan) async -> Bool {
        // Whoever thaws it installs what is then in force.
        if isFrozen { return true }
        var plan = plan
        counted = counted.filter { id, _ in plan.entries.contains { $0.id == id } }
        for index in plan.entries.indices { plan.entries[index].counted = counted[plan.entries[index].id, default: 0] }
        if case .installed = await ask(.install(plan)) { return true }
        return !isRunning
    }

    /// How many attempts each fault hit, over all processes of this service so far.
    package func hits() async -> [String: Int] {
        if case .hits(let hits, let counted) = await ask(.report) { (latestHits, self.counted) = (hits, counted) }
        return earlierHits.merging(latestHits, uniquingKeysWith: +)
    }

    func observe() async -> Observation? {
        var observation = lastWords
        lastWords = nil
        if case .observed(let latest) = await ask(.observe) {
            if observation == nil { observation = latest } else { observation?.merge(latest) }
        }
        return observation
    }

    func freeze() async -> Bool {
        guard let process, !process.hasEnded else { return false }
        isFrozen = true
        // What was asked before is answered before.
        _ = await exchange?.value
        return Foundation.kill(process.processIdentifier, SIGSTOP) == 0
    }

    func thaw() {
        guard isFrozen else { return }
        isFrozen = false
        if let process, !process.hasEnded { Foundation.kill(process.processIdentifier, SIGCONT) }
    }

    func limitProcessors(to cores: Double?) throws -> Int {
        let throttled = quota?.throttledPeriods ?? 0
        guard let cores, let process, !process.hasEnded else {
            if let quota {
                quota.remove()
                watchdog?.tell(.removed(folder: quota.folder))
            }
            quota = nil
            return throttled
        }
        if quota == nil {
            let new = try ProcessorQuota(name: name)
            watchdog?.tell(.made(folder: new.folder))
            quota = new
        }
        try quota?.hold(process.processIdentifier, to: cores)
        return throttled
    }

    /// Sends a signal that ends the process, and waits for its end.
    package func kill(_ signal: FaultKind.KillSignal) async {
        earlierHits = await hits()
        lastWords = await observe()
        latestHits = [:]
        guard let process, !process.hasEnded else { return }
        Foundation.kill(process.processIdentifier, signal.number)
        thaw()
        await awaitEnd(within: Self.longestStop, heedsCancellation: true)
        closeInput()
        replies = nil
    }

    /// Ends the process and gives up its port: asks it by closing its input, and kills it if that does not help soon.
    package func stop() async {
        _ = try? limitProcessors(to: nil)
        guard process != nil else { return }
        closeInput()
        thaw()
        await awaitEnd(within: Self.longestStop)
        reservation = nil
        port = 0
    }

    private func closeInput() {
        try? input?.close()
        input = nil
    }

    /// Waits for the end of the process, and kills it when that does not come in time.
    private func awaitEnd(within patience: Duration, heedsCancellation: Bool = false) async {
        let deadline = TimeSource.system.now() + patience
        while isRunning, TimeSource.system.now() < deadline, !(heedsCancellation && Task.isCancelled) {
            await Pause.uncancellable(.milliseconds(5))
        }
        if let process, isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        while isRunning { await Pause.uncancellable(.milliseconds(5)) }
        if let process { watchdog?.tell(.ended(process.processIdentifier)) }
    }

    /// Sends a command and waits for its reply, one command at a time; nil while the process is down.
    private func ask(_ command: ControlCommand) async -> ControlReply? {
        let earlier = exchange
        let mine = Task { () -> ControlReply? in
            _ = await earlier?.value
            guard isRunning, !isFrozen, let input, let replies else { return nil }
            do {
                try input.write(contentsOf: JSONEncoder().encode(command) + Data("\n".utf8))
            } catch {
                return nil
            }
            let limit = TimeSource.system.schedule(at: TimeSource.system.now() + Self.longestReply) { replies.close() }
            defer { limit.cancel() }
            return await replies.next()
        }
        exchange = mine
        return await mine.value
    }
}
