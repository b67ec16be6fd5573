import Foundation

/// What the system knows of a process; from `/proc`, so on Linux only.
enum ProcessStatistics {
    /// Microseconds of processor time that it has used so far, in steps of 10 ms.
    static func cpuTime(of process: Int32) throws -> Double {
        // The second field is the program's name in parentheses, which may hold anything.
        let fields = try read("stat", of: process).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { throw unreadable(process) }
        return (user + system) * 1e6 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Bytes of memory that it has resident now.
    static func residentBytes(of process: Int32) throws -> Double {
        guard let pages = Double(try read("statm", of: process).split(separator: " ").dropFirst().first ?? "") else {
            throw unreadable(process)
        }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func read(_ file: String, of process: Int32) throws -> String {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/\(file)", encoding: .utf8) else { throw unreadable(process) }
        return text
    }

    private static func unreadable(_ process: Int32) -> BenchmarkError {
        BenchmarkError("the system says nothing about process \(process): it has ended, or this is not Linux")
    }
}
