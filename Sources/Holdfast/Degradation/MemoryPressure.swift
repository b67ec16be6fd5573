#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The share of the memory that the process may use and holds: its resident set, of its control group's limit or of the machine's
/// memory without one. It says nothing outside Linux.
public final class MemoryPressure: PressureSignal {
    /// Read once for the process, when it is first needed.
    private static let available = limit(TextFile.read)

    private let read: @Sendable (String) -> String?
    private let pageSize: Double
    private let limit: @Sendable () -> Double?

    /// Makes a signal for this process.
    public convenience init() {
        self.init(pageSize: Double(max(sysconf(Int32(_SC_PAGESIZE)), 1)), limit: Self.available, read: TextFile.read)
    }

    /// - Parameters:
    ///   - limit: how many bytes are all of it; nil to say nothing.
    ///   - read: gives a file's text; nil when there is none.
    init(pageSize: Double, limit: @autoclosure @escaping @Sendable () -> Double?, read: @escaping @Sendable (String) -> String?) {
        self.pageSize = pageSize
        self.limit = limit
        self.read = read
    }

    /// The share now.
    public func reading(at now: Instant) -> Double? {
        // The second number is the resident set in pages.
        guard let limit = limit(), let sizes = read("/proc/self/statm")?.split(separator: " "), sizes.count > 1,
            let pages = Double(sizes[1])
        else {
            return nil
        }
        return pages * pageSize / limit
    }

    /// What the process may use in bytes: the least of its control group's limit and the machine's memory.
    static func limit(_ read: @escaping @Sendable (String) -> String?) -> Double? {
        [ControlGroup(read: read).memory, machine(read("/proc/meminfo"))].compactMap { $0 }.min()
    }

    /// The machine's memory in bytes, of `MemTotal:  24684084 kB`.
    private static func machine(_ text: String?) -> Double? {
        let line = text?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        let words = line?.split(whereSeparator: \.isWhitespace)
        guard let words, words.count > 1, let kilobytes = Double(words[1]), kilobytes > 0 else { return nil }
        return kilobytes * 1024
    }
}
