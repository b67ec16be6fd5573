import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Processor time, of all threads, in user and kernel mode.
enum CPUTime {
    /// Microseconds that this process has used so far.
    static var own: Double { used(by: 0) }

    /// Microseconds that the child processes used that have ended so far.
    static var children: Double { used(by: -1) }

    /// - Parameter who: `RUSAGE_SELF` or `RUSAGE_CHILDREN`, whose numbers are the same everywhere but not their types.
    private static func used(by who: Int32) -> Double {
        var usage = rusage()
        getrusage(who, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) * 1e6 + Double($1.tv_usec) }
    }
}
