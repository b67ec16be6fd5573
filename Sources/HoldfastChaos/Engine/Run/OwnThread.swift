import Dispatch
import Foundation

/// An executor that gives each job a thread of its own: for a task that blocks its thread, as one does that drives a world in virtual time,
/// and must not take one of the few threads that all other tasks share.
final class OwnThread: TaskExecutor {
    /// As many run at once as there are processors: more would each take longer, and leave nothing for all else.
    private static let turns = DispatchSemaphore(value: max(ProcessInfo.processInfo.activeProcessorCount, 1))

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { [self] in
            Self.turns.wait()
            defer { Self.turns.signal() }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
