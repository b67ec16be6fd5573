/// What the kernel's control groups, version 2 or 1, allow this process: the limits that a container runtime sets.
///
/// A group is limited by each one above it, so every limit from the process' own group up to the root counts and the least is it.
/// Inside a container the path in `/proc/self/cgroup` may not exist below the mount; then the mount itself is the group.
struct ControlGroup: Sendable {
    private let read: @Sendable (String) -> String?

    /// - Parameter read: gives a file's text; nil when there is none.
    init(read: @escaping @Sendable (String) -> String? = TextFile.read) {
        self.read = read
    }

    /// How many cores' worth of time the process may use; nil without a limit.
    var cores: Double? {
        let unified = files("cpu.max", controller: nil).compactMap { text -> Double? in
            let parts = text.split(whereSeparator: \.isWhitespace)
            guard parts.count == 2, let quota = Double(parts[0]), let period = Double(parts[1]) else { return nil }
            return Self.share(quota, period)
        }
        let periods = files("cpu.cfs_period_us", controller: "cpu")
        let legacy = zip(files("cpu.cfs_quota_us", controller: "cpu"), periods).compactMap { quota, period in
            Self.share(Self.number(quota), Self.number(period))
        }
        return (unified + legacy).min()
    }

    /// How many bytes the process may use; nil without a limit.
    var memory: Double? {
        let limits = files("memory.max", controller: nil) + files("memory.limit_in_bytes", controller: "memory")
        // Version 1 says "no limit" by a number near 2 to the 63.
        return limits.compactMap(Self.number).filter { $0 > 0 && $0 < 0x1p60 }.min()
    }

    /// The texts of that file in the process' group and in those above.
    /// - Parameter controller: the controller of version 1 whose hierarchy is meant; nil for version 2.
    private func files(_ name: String, controller: String?) -> [String] {
        guard let groups = read("/proc/self/cgroup") else { return [] }
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let mounts: [String]
            if let controller {
                guard parts[1].split(separator: ",").contains(Substring(controller)) else { continue }
                mounts = ["/sys/fs/cgroup/\(controller)", "/sys/fs/cgroup/\(parts[1])"]
            } else {
                guard parts[0] == "0", parts[1].isEmpty else { continue }
                mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
            }
            for mount in mounts {
                let texts = Self.pathsUpwards(parts[2]).compactMap { read("\(mount)\($0)/\(name)") }
                if !texts.isEmpty { return texts }
            }
        }
        return []
    }

    /// `/a/b` gives `/a/b`, `/a` and the empty path of the root.
    private static func pathsUpwards(_ path: Substring) -> [String] {
        let names = path.split(separator: "/").filter { $0 != ".." }
        return (0...names.count).reversed().map { count in names.prefix(count).map { "/\($0)" }.joined() }
    }

    private static func share(_ quota: Double?, _ period: Double?) -> Double? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return quota / period
    }

    private static func number(_ text: String) -> Double? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Double($0) }
    }
}
