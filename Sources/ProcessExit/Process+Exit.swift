package import Foundation

#if canImport(Glibc)
import Glibc
#endif

extension Process {
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
