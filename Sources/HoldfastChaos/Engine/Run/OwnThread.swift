import Foundation

/// An executor that gives each job a thread of its own: for a task that blocks its thread, as one does that drives a world in virtual time,
/// and must not take one of the few threads that all other tasks share.
final class OwnThread: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
