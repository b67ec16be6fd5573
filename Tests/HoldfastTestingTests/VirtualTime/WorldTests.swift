import Holdfast
import HoldfastVirtualTime
import Testing

@Suite("Virtual time: the world")
struct WorldTests {
    /// The order in which five tasks get through three steps each.
    private static func trace(seed: UInt64?) throws -> [Int] {
        let world = VirtualTime(seed: seed)
        let trace = Trace()
        try world.run {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<5 {
                    group.addTask {
                        for _ in 0..<3 {
                            trace.append(number)
                            await Task.yield()
                        }
                    }
                }
            }
        }
        return trace.numbers
    }

    @Test("Without a seed, jobs run in the order in which they became ready")
    func inOrder() throws {
        #expect(try Self.trace(seed: nil) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    }

    @Test("With a seed, the order is another one, and the same again for the same seed")
    func shuffled() throws {
        let orders = try (0..<20 as Range<UInt64>).map { try Self.trace(seed: $0) }
        #expect(Set(orders).count > 15)
        #expect(try (0..<20 as Range<UInt64>).map { try Self.trace(seed: $0) } == orders)
        #expect(orders.allSatisfy { $0.sorted() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4] })
    }

    @Test("A seed finds the order in which code that forgets a case fails")
    func findsARace() throws {
        // Two tasks that each read, let others run, and write: one's addition is lost if they overlap.
        func sum(seed: UInt64) throws -> Int {
            let world = VirtualTime(seed: seed)
            let trace = Trace()
            try world.run {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            let read = trace.numbers.max() ?? 0
                            await Task.yield()
                            trace.append(read + 1)
                        }
                    }
                }
            }
            return trace.numbers.max() ?? 0
        }
        #expect(Set(try (0..<50 as Range<UInt64>).map { try sum(seed: $0) }) == [1, 2])
    }

    @Test("A second operation runs on the same world, and its clock goes on")
    func secondRun() throws {
        let world = VirtualTime()
        for second in 1...3 as ClosedRange<Int64> {
            try world.run { try await world.timeSource.sleep(for: .seconds(1)) }
            #expect(world.now() == Instant(nanoseconds: second * 1_000_000_000))
        }
    }

    @Test("A world that stood still runs the next operation; the one before was cancelled and has ended")
    func runsAfterDeadlock() throws {
        let world = VirtualTime()
        let ended = Trace()
        #expect(throws: VirtualTime.Deadlock.self) {
            try world.run {
                do { try await world.timeSource.sleep(until: .distantFuture) } catch { ended.append(1) }
            }
        }
        #expect(ended.numbers == [1])
        #expect(try world.run { 7 } == 7)
    }

    @Test("A run inside a run is an error, not a hang, and the outer one goes on")
    func nestedRun() throws {
        let world = VirtualTime()
        let value = try world.run {
            #expect(throws: VirtualTime.AlreadyRunning.self) { try world.run { 1 } }
            try await world.timeSource.sleep(for: .seconds(1))
            return try VirtualTime().run { 2 }
        }
        #expect(value == 2)
    }

    @Test("When the task that runs a world is cancelled, the operation is")
    func cancelledFromOutside() async {
        let world = VirtualTime()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try world.run { try await world.timeSource.sleep(for: .seconds(1)) }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(world.now() == Instant(nanoseconds: 0))
    }

    @Test("Advancing by hand calls what falls due, in order, also what is set meanwhile; less than nothing does nothing")
    func advance() {
        let world = VirtualTime()
        let trace = Trace()
        for second in [3, 1, 2] {
            _ = world.schedule(at: Instant(nanoseconds: Int64(second) * 1_000_000_000)) {
                trace.append(second)
                _ = world.schedule(at: world.now() + .milliseconds(500)) { trace.append(10 * second) }
            }
        }
        world.advance(by: .milliseconds(2600))
        #expect(trace.numbers == [1, 10, 2, 20])
        world.advance(by: .seconds(-5))
        #expect(world.now() == Instant(nanoseconds: 2_600_000_000))
        world.advance(by: .seconds(Int64.max))
        #expect(trace.numbers == [1, 10, 2, 20, 3, 30])
        #expect(world.now() == .distantFuture)
    }

    @Test("Idle means that what was started has come as far as it can, in any order", arguments: [nil, 1, 2, 3] as [UInt64?])
    func idle(seed: UInt64?) throws {
        let world = VirtualTime(seed: seed)
        let trace = Trace()
        try world.run {
            for number in 0..<4 {
                Task(executorPreference: world) {
                    for _ in 0..<number { await Task.yield() }
                    trace.append(number)
                    try await world.timeSource.sleep(for: .seconds(1))
                    trace.append(-1)
                }
            }
            await world.idle()
            #expect(trace.numbers.sorted() == [0, 1, 2, 3])
        }
    }

    @Test("Child tasks, default actors and async functions follow the world")
    func whatFollows() throws {
        let world = VirtualTime()
        let counter = Tally()
        let sum = try world.run {
            async let first = counter.add(1, after: .seconds(1), world.timeSource)
            async let second = counter.add(2, after: .seconds(2), world.timeSource)
            return try await first + second
        }
        #expect(sum == 1 + 3)
        #expect(world.now() == Instant(nanoseconds: 2_000_000_000))
    }
}

/// Numbers in the order in which they came.
private final class Trace: Sendable {
    private let kept = Locked<[Int]>([])
    var numbers: [Int] { kept.withLock { $0 } }
    func append(_ number: Int) { kept.withLock { $0.append(number) } }
}

private actor Tally {
    private var sum = 0

    func add(_ number: Int, after delay: Duration, _ timeSource: TimeSource) async throws -> Int {
        try await timeSource.sleep(for: delay)
        sum += number
        return sum
    }
}
