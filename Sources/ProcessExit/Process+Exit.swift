package import Foundation

#if canImport(Glibc)
import Glibc
#endif

extension Process {
    /// Whether the process has ended; see ``waitForExit()`` for why this asks the system and not Foundation.
    package var hasEnded: Bool {
        #if canImport(Glibc)
        guard isRunning else { return true }
        var information = siginfo_t()
        // Left for Foundation to collect.
        guard waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT | WNOHANG) == 0 else { return errno == ECHILD }
        return information._sifields._kill.si_pid != 0
        #else
        return !isRunning
        #endif
    }

    /// Waits, on this thread, until the process has ended.
    ///
    /// In place of `waitUntilExit()`, which on Linux looks for the end of a socket that the child inherits. A process that is started
    /// at the same moment inherits it too, and for as long as that one runs Foundation waits on, at the cost of a core.
    /// - Returns: the exit code, or the signal that ended it.
    package func waitForExit() -> Int32 {
        #if canImport(Glibc)
        while isRunning {
            var information = siginfo_t()
            // Left for Foundation to collect.
            if waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) == 0 {
                return information._sifields._sigchld.si_status
            }
            // Interrupted, or collected already, which Foundation is about to say.
            usleep(1_000)
        }
        #else
        waitUntilExit()
        #endif
        return terminationStatus
    }
}
