import Foundation
import Holdfast

/// The process that outlives a runner: when that dies, however it dies, the watchdog ends its children and undoes what it did to them.
///
/// A stopped child cannot wake itself, and a killed runner cannot wake it either. The runner tells the watchdog on its standard
/// input what there is to end; the end of that input is the runner's death, or its leave.
package final class Watchdog: Sendable {
    /// What the runner tells: one JSON object a line.
    package enum Message: Sendable, Hashable, Codable {
        /// A child of the runner, by its process id.
        case started(Int32)
        case ended(Int32)
        /// A control group, which goes when the children are gone.
        case made(folder: String)
        case removed(folder: String)
    }

    private struct State {
        /// When each child began, so that none is taken for another that has its number later.
        var children: [Int32: String?] = [:]
        var folders: Set<String> = []
    }

    private let state = Locked(State())

    package init() {}

    /// Says on standard output that it watches, then watches until its standard input ends, and leaves nothing behind.
    ///
    /// Blocks its thread.
    /// - Parameter limit: the longest time that the runner may take; one that hangs for longer is as good as dead.
    package func watch(limit: Duration) throws {
        // The runner is told by a Ctrl-C in its terminal, and tells on.
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { Foundation.signal(signal, SIG_IGN) }
        setsid()
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + limit.seconds)
        timer.setEventHandler { [self] in endAll() }
        timer.activate()
        defer { timer.cancel() }
        try FileHandle.standardOutput.write(contentsOf: Data("\(Self.ready)\n".utf8))
        while let line = readLine() {
            guard let message = try? JSONDecoder().decode(Message.self, from: Data(line.utf8)) else { continue }
            note(message)
        }
        endAll()
    }

    /// What it says first.
    static let ready = "watching"

    private func note(_ message: Message) {
        state.withLock { state in
            switch message {
            case .started(let child): state.children[child] = .some(Self.beginning(of: child))
            case .ended(let child): state.children[child] = nil
            case .made(let folder): state.folders.formUnion([folder])
            case .removed(let folder): state.folders.subtract([folder])
            }
        }
    }

    private func endAll() {
        let left = state.withLock { state in
            defer { state = State() }
            return state
        }
        // Each is the first of a process group. Its number is nobody else's while others of the group run, also when it has ended itself.
        let children = left.children.filter { child, began in Self.beginning(of: child).map { $0 == began } ?? true }.keys
        for child in children {
            for signal in [SIGKILL, SIGCONT] where kill(-child, signal) != 0 { kill(child, signal) }
        }
        // A control group can be removed once nobody is in it.
        for folder in left.folders {
            for _ in 0..<200 where access(folder, F_OK) == 0 {
                ProcessorQuota.remove(folder)
                usleep(10_000)
            }
        }
    }

    /// When a process began, in the system's own words; nil where the system does not tell, or the process is gone.
    private static func beginning(of process: Int32) -> String? {
        // The command's name, which may contain anything, stands in parentheses; the time is the twentieth field after it.
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : nil
    }
}
