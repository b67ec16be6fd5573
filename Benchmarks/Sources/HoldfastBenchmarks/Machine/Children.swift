import Dispatch
import Foundation
import Synchronization

/// The child processes that run now; they are ended on every way out.
///
/// A signal, a measurement that hangs and an error end them here. The server also ends by itself when its input closes,
/// which happens whatever becomes of this process.
final class Children: Sendable {
    static let shared = Children()

    private let running = Mutex<Set<Int32>>([])

    /// Starts `process` and keeps it in mind until ``ended(_:)``.
    func start(_ process: Process) throws {
        try running.withLock { running in
            try process.run()
            running.insert(process.processIdentifier)
        }
    }

    /// Forgets a process that has been waited for, whose number may belong to another by now.
    func ended(_ process: Process) {
        _ = running.withLock { $0.remove(process.processIdentifier) }
    }

    /// Kills what still runs, and waits for its end.
    func endAll() {
        running.withLock { running in
            for identifier in running {
                kill(identifier, SIGKILL)
                waitpid(identifier, nil, 0)
            }
            running.removeAll()
        }
    }

    /// From now on a signal that would end this process ends its children too.
    func endOnSignals() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                // The handler keeps its source, which would end with its last reference.
                withExtendedLifetime(source) {
                    endAll()
                    exit(128 + number)
                }
            }
            source.activate()
        }
    }

    /// Gives up if all is not over by then. On a thread of its own: a measurement that hangs may hold all others.
    func endAfter(seconds: Double) {
        Thread.detachNewThread { [self] in
            Thread.sleep(forTimeInterval: seconds)
            Console.complain("gave up after \(seconds.text()) s: a measurement hangs")
            endAll()
            exit(1)
        }
    }
}
