#if TLS
import Holdfast
import NIOPosix
import NIOSSL

/// The certificates and keys in use, read again when their files change.
///
/// Files are looked at from time to time rather than watched: that works on every file system, and for the links that orchestrators
/// switch. Reading blocks, and so happens on a thread pool, never on an event loop.
final class TLSContext: Sendable {
    typealias Make = @Sendable () throws(ConfigurationError) -> NIOSSLContext

    private struct State {
        var context: NIOSSLContext
        /// The files' states when they were last read, successfully or not.
        var stamps: [FileStamp?]
        var timer: TimerHandle?
    }

    private let files: [String]
    private let interval: Duration?
    private let onReload: (@Sendable (ConfigurationError?) -> Void)?
    private let make: Make
    private let state: Locked<State>

    init(
        files: [String], interval: Duration?, onReload: (@Sendable (ConfigurationError?) -> Void)?, make: @escaping Make
    ) throws(ConfigurationError) {
        self.files = files
        self.interval = interval
        self.onReload = onReload
        self.make = make
        // Before reading: what changes in between is seen as a change the next time.
        let stamps = files.map(FileStamp.init)
        state = Locked(State(context: try make(), stamps: stamps))
        arm()
    }

    deinit {
        state.withLock { $0.timer }?.cancel()
    }

    /// For the next connection.
    var current: NIOSSLContext { state.withLock { $0.context } }

    /// Reads the files now.
    func reload() throws(ConfigurationError) {
        let stamps = files.map(FileStamp.init)
        let context = try make()
        state.withLock { state in
            state.context = context
            state.stamps = stamps
        }
    }

    private func arm() {
        guard let interval, !files.isEmpty else { return }
        let timer = TimeSource.system.schedule(at: TimeSource.system.now().advanced(by: interval)) { [weak self] in
            NIOThreadPool.singleton.submit { [weak self] _ in
                self?.check()
                self?.arm()
            }
        }
        state.withLock { $0.timer = timer }
    }

    private func check() {
        let stamps = files.map(FileStamp.init)
        guard stamps != state.withLock({ $0.stamps }) else { return }
        do throws(ConfigurationError) {
            try reload()
            onReload?(nil)
        } catch {
            // One report for each state of the files, not one for each look at them.
            state.withLock { $0.stamps = stamps }
            onReload?(error)
        }
    }
}
#endif
