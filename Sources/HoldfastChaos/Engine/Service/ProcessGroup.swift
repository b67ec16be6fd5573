import Foundation
import Holdfast

/// Somebody's own program and whatever it starts: a process group, which is signalled and ended as one.
///
/// Not Foundation's `Process`: its children begin with the signals blocked and ignored that this program blocks and ignores, and it
/// takes them to run for as long as a process that they started keeps their socket open. What leaves the group, as daemons do, is not
/// followed.
final class ProcessGroup: Sendable {
    /// What the system said when it did not start the program.
    struct StartFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// The process that was started, and the number of its group.
    let leader: pid_t
    private let state = Locked(State())
    /// How long a killed process may take to be gone.
    private static let longestDeath = Duration.seconds(2)

    private struct State {
        /// Whether the leader has ended and was collected.
        var hasEnded = false
        /// Whether nobody is left, so that the number may soon be another group's.
        var isEmpty = false
    }

    /// Starts a program, which is looked for as a shell does.
    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - folder: where it starts; nil for where this program did.
    ///   - errors: gets what it prints as errors; closed here.
    init(_ words: [String], folder: String?, errors: FileHandle) throws(StartFailure) {
        defer { try? errors.close() }
        #if canImport(Darwin)
        var (attributes, actions): (posix_spawnattr_t?, posix_spawn_file_actions_t?) = (nil, nil)
        #else
        var (attributes, actions) = (posix_spawnattr_t(), posix_spawn_file_actions_t())
        #endif
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, errors.fileDescriptor, 2)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var prefix = ["env"]
        #if canImport(Darwin)
        if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
        #else
        if let folder { prefix += ["-C", folder] }
        #endif

        var arguments = (prefix + words).map { strdup($0) } + [nil]
        var variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var leader = pid_t()
        let result = posix_spawn(&leader, "/usr/bin/env", &actions, &attributes, &arguments, &variables)
        guard result == 0 else { throw StartFailure(description: String(cString: strerror(result))) }
        self.leader = leader
    }

    /// Whether the program itself runs.
    var isRunning: Bool { !look().hasEnded }

    /// Whether it and all that it started have ended.
    var isEmpty: Bool { look().isEmpty }

    private func look() -> State {
        state.withLock { state in
            if !state.hasEnded {
                var status: Int32 = 0
                let collected = waitpid(leader, &status, WNOHANG)
                state.hasEnded = collected == leader || collected < 0 && errno == ECHILD
            }
            if state.hasEnded, !state.isEmpty { state.isEmpty = kill(-leader, 0) != 0 && errno == ESRCH }
            return state
        }
    }

    /// Signals all of them.
    /// - Returns: whether there was somebody.
    @discardableResult
    func send(_ signal: Int32) -> Bool {
        guard !look().isEmpty else { return false }
        return kill(-leader, signal) == 0
    }

    /// Asks all of them to end, and kills who has not done so in time.
    /// - Parameter heedsCancellation: whether a cancelled task waits no longer.
    func end(_ signal: Int32, within patience: Duration, heedsCancellation: Bool = false) async {
        send(signal)
        // Who is stopped could not obey.
        send(SIGCONT)
        var deadline = TimeSource.system.now() + patience
        while !isEmpty, TimeSource.system.now() < deadline, !(heedsCancellation && Task.isCancelled) {
            await Pause.uncancellable(.milliseconds(2))
        }
        send(SIGKILL)
        deadline = TimeSource.system.now() + Self.longestDeath
        while !isEmpty, TimeSource.system.now() < deadline { await Pause.uncancellable(.milliseconds(2)) }
    }
}

extension FaultKind.KillSignal {
    /// The system's number for it.
    var number: Int32 {
        switch self {
        case .kill: SIGKILL
        case .term: SIGTERM
        }
    }
}
