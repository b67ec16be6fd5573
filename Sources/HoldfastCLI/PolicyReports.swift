import HoldfastPolicyFiles

/// Policies that change while a command runs.
enum PolicyReports {
    /// Follows the policies' file, and prints what becomes of each change of it, until the task is cancelled.
    /// - Parameter name: what the lines call the policies, by the option that gave their file.
    static func follow(_ registry: PolicyRegistry, _ name: String = "policies") async {
        let events = registry.events()
        async let watching: Void = PolicyFileWatcher(registry).run()
        for await event in events {
            switch event {
            case .accepted(let version, let diff): Console.complain("\(name): version \(version) is in force\n\(diff)")
            case .refused(let error):
                Console.complain("\(name): the file is bad, and version \(registry.state.version) stays in force\n\(error.rendering)")
            }
        }
        await watching
    }
}
