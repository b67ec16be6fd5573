package import Foundation
import Holdfast
import ProcessExit

extension Watchdog {
    /// The runner's end: it starts the watchdog, tells it what is there to end, and lets it go.
    package final class Leash: Sendable {
        private let process: Locked<Process>
        private let input: FileHandle

        /// Starts the watchdog and waits until it watches.
        /// - Parameters:
        ///   - executable: the `holdfast` command.
        ///   - limit: the longest time that the run may take.
        /// - Throws: ``HarnessError`` when the command does not run.
        package init(executable: URL, limit: Duration) throws {
            let process = Process()
            let (input, output) = (Pipe(), Pipe())
            process.executableURL = executable
            process.arguments = ["chaos", "watchdog", "--limit", String(Int(limit.seconds.rounded(.up)))]
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            do {
                try process.run()
            } catch {
                throw HarnessError("services cannot be started with \(executable.path): \(error.localizedDescription)")
            }
            self.input = input.fileHandleForWriting
            self.process = Locked(process)
            // A child that held this end, too, would keep the runner's death from the watchdog.
            _ = fcntl(self.input.fileDescriptor, F_SETFD, FD_CLOEXEC)
            let first = output.fileHandleForReading.availableData
            try? output.fileHandleForReading.close()
            guard String(decoding: first, as: UTF8.self).hasPrefix(Watchdog.ready) else {
                release()
                throw HarnessError("\(executable.path) does not run a watchdog: it ended with code or signal \(process.terminationStatus)")
            }
        }

        /// Tells it what is there to end, or no longer.
        func tell(_ message: Message) {
            // A watchdog that is gone cannot be told; the run goes on, as it would without one.
            guard let line = try? JSONEncoder().encode(message) else { return }
            process.withLock { _ in try? input.write(contentsOf: line + Data("\n".utf8)) }
        }

        /// Lets it go, and waits until it is gone.
        package func release() {
            process.withLock { process in
                try? input.close()
                _ = process.waitForExit()
            }
        }
    }
}
