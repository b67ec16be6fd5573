public import Holdfast

#if ServiceLifecycle
import ServiceLifecycle
#endif

/// Puts a policy file, or a folder of them, in force whenever it changes.
///
/// It looks at the file from time to time rather than being told: that works on every file system, for editors that rename a new file over
/// the old one, for Kubernetes, which switches a link, and for files that are deleted and made again. A good file is in force half a
/// second after it was written. A bad one is looked at twice, since it may be half written, and is then reported once, with all that is
/// wrong with it, by ``PolicyRegistry/events(capacity:)`` and in ``PolicyRegistry/state``; the last good one stays in force.
///
/// The files of a folder are one document, and change one after the other. A good folder is in force when nothing in it has changed for a
/// quarter of a second, within three quarters of a second after its last change: a file that is away while it is replaced does not take its
/// policies with it.
///
/// ```swift
/// let watcher = PolicyFileWatcher(registry)
/// let following = Task { await watcher.run() }      // or, with the trait `ServiceLifecycle`, in a `ServiceGroup`
/// ```
///
/// Why not swift-configuration's `ReloadingFileProvider`: its providers hold keys with values, and a policy document, an array of objects,
/// is none; of what it does besides, polling and following links, this is all there is to it, and bad files must be reported with their
/// positions, which it logs at debug level only.
public struct PolicyFileWatcher: Sendable {
    /// Whether a look was asked for.
    private typealias Tick = Bool

    private let registry: PolicyRegistry
    private let paths: [String]
    private let interval: Duration
    private let timeSource: TimeSource
    private let reloadsOnHangup: Bool

    /// Makes a watcher.
    /// - Parameters:
    ///   - registry: where the documents go.
    ///   - path: the file or folder; by default what the registry's document came from, several files too.
    ///   - interval: how long it waits between two looks, above zero; half a second by default.
    ///   - reloadsOnHangup: whether SIGHUP makes it look at once, and try even a file that has not changed. While it runs, the signal does
    ///     not end the process. True by default.
    ///   - timeSource: the clock of the interval.
    /// - Throws: `ConfigurationError` when the interval is not above zero.
    public init(
        _ registry: PolicyRegistry, path: String? = nil, interval: Duration, reloadsOnHangup: Bool = true,
        timeSource: TimeSource = .system
    ) throws(ConfigurationError) {
        try Require.positive("interval", interval)
        self.init(registry, path, interval, reloadsOnHangup, timeSource)
    }

    /// Makes a watcher that looks twice a second.
    public init(_ registry: PolicyRegistry, path: String? = nil, reloadsOnHangup: Bool = true) {
        self.init(registry, path, .milliseconds(500), reloadsOnHangup, .system)
    }

    private init(
        _ registry: PolicyRegistry, _ path: String?, _ interval: Duration, _ reloadsOnHangup: Bool, _ timeSource: TimeSource
    ) {
        self.registry = registry
        paths = path.map { [$0] } ?? registry.state.document.paths
        self.interval = interval
        self.reloadsOnHangup = reloadsOnHangup
        self.timeSource = timeSource
    }

    /// Follows the file until the task is cancelled, or a group of services shuts down gracefully. It starts no task of its own.
    public func run() async {
        let (ticks, continuation) = AsyncStream<Tick>.makeStream()
        let hangups = reloadsOnHangup ? HangupSignal.subscribe { continuation.yield(true) } : nil
        defer { withExtendedLifetime(hangups) {} }
        #if ServiceLifecycle
        await withGracefulShutdownHandler {
            await follow(ticks, continuation)
        } onGracefulShutdown: {
            continuation.finish()
        }
        #else
        await follow(ticks, continuation)
        #endif
    }

    private func follow(_ ticks: AsyncStream<Tick>, _ continuation: AsyncStream<Tick>.Continuation) async {
        var follower = PolicyFileFollower(registry, paths: paths)
        await follower.look()
        var iterator = ticks.makeAsyncIterator()
        while !Task.isCancelled {
            let pause = follower.isWaiting ? interval / 2 : interval
            let timer = timeSource.schedule(at: timeSource.now().advanced(by: pause)) { continuation.yield(false) }
            let tick = await iterator.next()
            timer.cancel()
            guard let isForced = tick else { return }
            await follower.look(isForced: isForced)
        }
    }
}
