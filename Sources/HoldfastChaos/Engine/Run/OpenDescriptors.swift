import Foundation

/// The network connections and pipes that this process holds open: what calls and child processes leave behind if they leave
/// anything. Event queues, timers and local socket pairs belong to the runtime, which opens them when first used and keeps them.
enum OpenDescriptors {
    /// How many there are; nil on a system that does not say.
    static var count: Int? {
        let folder = "/proc/self/fd"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        return names.count { name in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)") else { return false }
            return target.hasPrefix("pipe:") || target.hasPrefix("socket:") && Int32(name).map(isInternetSocket) == true
        }
    }

    private static func isInternetSocket(_ descriptor: Int32) -> Bool {
        var address = sockaddr()
        var length = socklen_t(MemoryLayout<sockaddr>.size)
        guard getsockname(descriptor, &address, &length) == 0 else { return false }
        return address.sa_family == sa_family_t(AF_INET) || address.sa_family == sa_family_t(AF_INET6)
    }
}
