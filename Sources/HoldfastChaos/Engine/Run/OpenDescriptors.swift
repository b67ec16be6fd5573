import Foundation

/// The sockets and pipes that this process holds open. Event queues and timers of the runtime come and go by themselves and are
/// not counted.
enum OpenDescriptors {
    /// How many there are; nil on a system that does not say.
    static var count: Int? {
        let folder = "/proc/self/fd"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        return names.count { name in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)") else { return false }
            return target.hasPrefix("socket:") || target.hasPrefix("pipe:")
        }
    }
}
