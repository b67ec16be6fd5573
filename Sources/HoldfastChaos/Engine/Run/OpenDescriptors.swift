import Foundation

/// The network connections and pipes that this process holds open: what calls and child processes leave behind if they leave
/// anything. Event queues, timers and local socket pairs belong to the runtime, which opens them when first used and keeps them.
enum OpenDescriptors {
    /// What they are, by the system's names for them; empty on a system that does not say.
    static var names: Set<String> {
        let folder = "/proc/self/fd"
        guard let descriptors = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return Set(
            descriptors.compactMap { descriptor in
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)") else { return nil }
                let counts = target.hasPrefix("pipe:") || target.hasPrefix("socket:") && Int32(descriptor).map(isInternetSocket) == true
                return counts ? target : nil
            })
    }

    private static func isInternetSocket(_ descriptor: Int32) -> Bool {
        var address = sockaddr()
        var length = socklen_t(MemoryLayout<sockaddr>.size)
        guard getsockname(descriptor, &address, &length) == 0 else { return false }
        return address.sa_family == sa_family_t(AF_INET) || address.sa_family == sa_family_t(AF_INET6)
    }
}
