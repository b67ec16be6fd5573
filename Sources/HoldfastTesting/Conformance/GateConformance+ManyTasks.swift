import Holdfast
import HoldfastVirtualTime
import Synchronization

extension GateConformance {
    func manyTasks() throws {
        let world = VirtualTime(seed: seed)
        let probe = try probe(.manyTasks, world)
        let crowd = Crowd(probe, seed: seed, turns: 20, executor: world)
        try world.run {
            crowd.start()
            for _ in 0..<10_000 where !crowd.isDone {
                try await world.timeSource.sleep(for: .milliseconds(100))
            }
            try crowd.verdict()
            probe.recover()
            try await probe.expectFresh(after: "64 tasks with random cancellation")
        }
    }

    func manyThreads() async throws {
        let world = VirtualTime()
        let probe = try probe(.manyThreads, world)
        let crowd = Crowd(probe, seed: seed, turns: 20, executor: nil)
        crowd.start()
        // Virtual time passes as fast as the threads let it. If all who are left have waited for so many seconds of it, they are lost.
        var (progress, idleRounds) = (0, 0)
        while !crowd.isDone, idleRounds < 100_000 {
            world.advance(by: .milliseconds(1))
            await Task.yield()
            let isStill = crowd.allWait && crowd.progress == progress
            (progress, idleRounds) = isStill ? (progress, idleRounds + 1) : (crowd.progress, 0)
        }
        try crowd.verdict()
        probe.recover()
        try world.run { try await probe.expectFresh(after: "64 tasks on threads with random cancellation") }
    }
}

/// Sixty-four tasks that ask one gate, wait, work and are cancelled now and then.
private final class Crowd: Sendable {
    private static let tasks = 64

    private let probe: GateProbe
    private let seed: UInt64
    private let turns: Int
    private let executor: (any TaskExecutor)?
    private let finished = Atomic(0)
    private let turnsDone = Atomic(0)
    private let waiting = Atomic(0)
    private let running = Atomic(0)
    private let mostRunning = Atomic(0)

    init(_ probe: GateProbe, seed: UInt64, turns: Int, executor: (any TaskExecutor)?) {
        self.probe = probe
        self.seed = seed
        self.turns = turns
        self.executor = executor
    }

    var isDone: Bool { finished.load(ordering: .acquiring) == Self.tasks }
    var progress: Int { turnsDone.load(ordering: .relaxed) }
    var allWait: Bool { waiting.load(ordering: .relaxed) == Self.tasks - finished.load(ordering: .relaxed) }

    func start() {
        for number in 0..<Self.tasks {
            // Unstructured, so that a waiter that is lost does not hold up who reports it.
            Task(executorPreference: executor) { [self] in
                var chance = SplitMix64.mix(seed &+ UInt64(number))
                for _ in 0..<turns {
                    await turn(SplitMix64.next(&chance))
                    turnsDone.wrappingAdd(1, ordering: .relaxed)
                }
                finished.wrappingAdd(1, ordering: .releasing)
            }
        }
    }

    /// What went wrong, if anything did.
    func verdict() throws {
        let finished = finished.load(ordering: .acquiring)
        guard finished == Self.tasks else {
            throw probe.failure("\(Self.tasks - finished) of \(Self.tasks) tasks never came back from the queue")
        }
        guard case .running(let range) = probe.capacity else { return }
        let most = mostRunning.load(ordering: .relaxed)
        guard most <= range.upperBound else { throw probe.failure("\(most) attempts ran at once, \(range.upperBound) may") }
    }

    private func turn(_ draw: UInt64) async {
        let call = Task(executorPreference: executor) { [self] in await work(draw >> 8) }
        if draw % 3 == 0 {
            for _ in 0..<(draw >> 4 & 7) { await Task.yield() }
            call.cancel()
        }
        await call.value
    }

    private func work(_ draw: UInt64) async {
        var attempt = probe.attempt()
        let ticket: Ticket
        switch probe.gate.admit(&attempt) {
        case .admitted(let admitted): ticket = admitted
        case .rejected: return
        case .mustWait:
            waiting.wrappingAdd(1, ordering: .relaxed)
            let waited = try? await probe.gate.waitForPermit(attempt)
            waiting.wrappingSubtract(1, ordering: .relaxed)
            guard let waited else { return }
            ticket = waited
        }
        // Counted after the grant and uncounted before the settlement: never more than the gate itself counts.
        mostRunning.max(running.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
        for _ in 0..<(draw & 3) { await Task.yield() }
        running.wrappingSubtract(1, ordering: .relaxed)
        attempt.passTime()
        let completions = GateConformance.neutral
        probe.gate.settle(ticket, completions[Int(draw >> 2) % completions.count], &attempt)
    }
}
