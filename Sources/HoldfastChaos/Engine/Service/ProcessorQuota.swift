import Foundation

/// A control group (version 1, controller `cpu`) that gives the processes in it only so much time of the processors.
struct ProcessorQuota {
    /// The group's folder.
    let folder: String
    private let parent: String
    /// The kernel gives out time in periods of this length.
    private static let periodMicroseconds = 100_000

    /// Makes a group under that of this process.
    /// - Throws: ``HarnessError`` where that is not possible.
    init(name: String) throws {
        guard let parent = Self.ownGroup else { throw HarnessError("there is no cgroup (version 1) with the controller cpu") }
        self.parent = parent
        folder = "\(parent)/holdfast-\(getpid())-\(name)"
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw HarnessError("cannot make \(folder): \(String(cString: strerror(errno)))")
        }
        do {
            try write("cpu.cfs_period_us", String(Self.periodMicroseconds))
        } catch {
            rmdir(folder)
            throw error
        }
    }

    /// Why this machine can hold nobody to a quota, in words; nil if it can.
    static var obstacle: String? {
        do {
            try ProcessorQuota(name: "trial").remove()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Puts a process into the group, and gives the group so many cores' time.
    func hold(_ process: Int32, to cores: Double) throws {
        try write("cpu.cfs_quota_us", String(Int((cores * Double(Self.periodMicroseconds)).rounded(.up))))
        try write("cgroup.procs", String(process))
    }

    /// In how many periods the processes wanted more than they got.
    var throttledPeriods: Int {
        let text = (try? String(contentsOfFile: "\(folder)/cpu.stat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("nr_throttled ") }
        return line.flatMap { Int($0.dropFirst("nr_throttled ".count)) } ?? 0
    }

    /// Gives the processes back to the group that this one was made under, and removes it.
    func remove() {
        Self.remove(folder)
    }

    /// The same, by whoever knows only its folder.
    static func remove(_ folder: String) {
        let parent = URL(filePath: folder).deletingLastPathComponent().path
        for process in (try? String(contentsOfFile: "\(folder)/cgroup.procs", encoding: .utf8))?.split(separator: "\n") ?? [] {
            try? write(String(process), to: "\(parent)/cgroup.procs")
        }
        rmdir(folder)
    }

    private func write(_ file: String, _ text: String) throws {
        try Self.write(text, to: "\(folder)/\(file)")
    }

    /// In one `write` call, which is how the kernel takes it.
    private static func write(_ text: String, to path: String) throws {
        do {
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            defer { try? file.close() }
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            throw HarnessError("cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// The folder of the group that this process is in.
    private static var ownGroup: String? {
        // "4:cpu,cpuacct:/some/group", and in the mounts "... /root /where/it/is ... - cgroup cgroup rw,cpu,cpuacct".
        guard let groups = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        else { return nil }
        let group = groups.split(separator: "\n").lazy.map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
            .first { $0.count == 3 && $0[1].split(separator: ",").contains("cpu") }?[2]
        guard let group else { return nil }
        for line in mounts.split(separator: "\n") {
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let (place, kind) = (halves[0].split(separator: " "), halves[1].split(separator: " "))
            guard place.count > 4, kind.count == 3, kind[0] == "cgroup", kind[2].split(separator: ",").contains("cpu") else { continue }
            // A container sees only the part of the tree below its root.
            let root = place[3] == "/" ? "" : String(place[3])
            let path = group.hasPrefix(root) ? String(group.dropFirst(root.count)) : ""
            return "\(place[4])\(path == "/" ? "" : path)"
        }
        return nil
    }
}
