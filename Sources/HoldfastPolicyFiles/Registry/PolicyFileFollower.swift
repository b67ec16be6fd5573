import NIOPosix

/// Looks at a policy file and puts what it finds in force. One look at a time.
struct PolicyFileFollower {
    private let registry: PolicyRegistry
    private let path: String
    private var machine = FileChangeStateMachine()

    init(_ registry: PolicyRegistry, path: String) {
        self.registry = registry
        self.path = path
    }

    /// Looks once.
    /// - Parameter isForced: reads and tries the file whatever its stamp says, and reports at once what is wrong with it.
    mutating func look(isForced: Bool = false) async {
        guard let stamp = await blocking({ [path] in FileStamp(path) }) else { return }
        guard machine.mustRead(stamp) || isForced else { return }
        guard let (content, after) = await blocking({ [path] in (PolicyFileContent(path: path), FileStamp(path)) }),
            machine.judge(content, stampAfter: after, isForced: isForced) == .tryIt
        else { return }
        do throws(DocumentError) {
            try await registry.apply(content.document(file: path))
            machine.accepted()
        } catch {
            if machine.refused(isForced: isForced) { await registry.refuse(error) }
        }
    }

    /// Runs what may block, for as long as a network file system likes, where that holds nobody up. Nil when there is no such place any
    /// more, because the process ends.
    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
        try? await NIOThreadPool.singleton.runIfActive { work() }
    }
}
