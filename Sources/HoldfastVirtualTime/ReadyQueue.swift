import DequeModule
import Holdfast

/// The jobs that can run now, in the order in which they became ready, or in an order drawn from a seed.
struct ReadyQueue<Job> {
    private var jobs: Deque<Job> = []
    /// The state of SplitMix64; nil to keep the order.
    private var chance: UInt64?

    init(seed: UInt64?) {
        chance = seed
    }

    mutating func append(_ job: Job) {
        jobs.append(job)
    }

    /// The next job to run; nil when none is ready.
    mutating func next() -> Job? {
        if jobs.count > 1, var state = chance {
            jobs.swapAt(0, Int(SplitMix64.next(&state) % UInt64(jobs.count)))
            chance = state
        }
        return jobs.popFirst()
    }
}
