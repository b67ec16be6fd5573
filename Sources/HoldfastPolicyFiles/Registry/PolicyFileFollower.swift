import NIOPosix

/// Looks at policy files and puts what it finds in force. One look at a time.
struct PolicyFileFollower {
    private let registry: PolicyRegistry
    private let paths: [String]
    private var machine = FileChangeStateMachine()

    /// - Parameter paths: files and folders, which together are one document.
    init(_ registry: PolicyRegistry, paths: [String]) {
        self.registry = registry
        self.paths = paths
    }

    /// Whether it found what it takes only if the next look finds the same.
    var isWaiting: Bool { machine.isWaiting }

    /// Looks once.
    /// - Parameter isForced: reads and tries the files whatever their stamp says, and reports at once what is wrong with them.
    mutating func look(isForced: Bool = false) async {
        guard let stamp = await blocking({ [paths] in PolicyFileStamp(paths: paths) }) else { return }
        guard machine.mustRead(stamp) || isForced else { return }
        guard let (content, after) = await blocking({ [paths] in (PolicyFileContent(paths: paths), PolicyFileStamp(paths: paths)) }),
            machine.judge(content, stampAfter: after, isForced: isForced) == .tryIt
        else { return }
        do throws(DocumentError) {
            try await registry.apply(content.document(paths: paths, methods: registry.options.methods))
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
