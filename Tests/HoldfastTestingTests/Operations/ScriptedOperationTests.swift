import Holdfast
import HoldfastTesting
import HoldfastVirtualTime
import Testing

@Suite("Scripted operation")
struct ScriptedOperationTests {
    private static let down = TestError(.unavailable)

    @Test("Answers come in order, each after its time, and the record tells when and how each call ended")
    func inOrder() throws {
        let world = VirtualTime()
        let service = ScriptedOperation<Int>(
            world.timeSource, [.error(Self.down, after: .milliseconds(10)), .value(7, after: .milliseconds(5))], then: .fail)
        try world.run {
            await #expect(throws: Self.down) { try await service() }
            let answer = try await service()
            #expect(answer == 7)
            await #expect(throws: ScriptEnded(steps: 2)) { try await service() }
        }
        #expect(service.calls.map(\.number) == [1, 2, 3])
        #expect(service.calls.map(\.startedAt.nanoseconds) == [0, 10_000_000, 15_000_000])
        #expect(service.calls.map(\.endedAt?.nanoseconds) == [10_000_000, 15_000_000, 15_000_000])
        guard case .error(let error) = service.calls[0].end, case .value = service.calls[1].end else {
            Issue.record("ends: \(service.calls)")
            return
        }
        #expect(error as? TestError == Self.down)
    }

    @Test("After the last answer: the same again, the row again")
    func endings() throws {
        let world = VirtualTime()
        func answers(_ ending: ScriptedOperation<Int>.Ending) throws -> [Int] {
            let service = ScriptedOperation<Int>(world.timeSource, [.value(1), .value(2)], then: ending)
            return try world.run {
                var answers: [Int] = []
                for _ in 0..<5 { answers.append(try await service()) }
                return answers
            }
        }
        #expect(try answers(.repeatLast) == [1, 2, 2, 2, 2])
        #expect(try answers(.startOver) == [1, 2, 1, 2, 1])
        let empty = ScriptedOperation<Int>(world.timeSource, [], then: .repeatLast)
        #expect(throws: ScriptEnded(steps: 0)) { try world.run { try await empty() } }
    }

    @Test("It records the deadline and the attempt that its pipeline told, or left to be found")
    func deadlines() throws {
        let world = VirtualTime()
        let service = ScriptedOperation<Int>(world.timeSource, [.value(1)], then: .repeatLast)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) { try Timeout(after: .seconds(2)) }
        try world.run {
            _ = try await pipeline.run { call in try await service(call) }
            _ = try await pipeline.run { _ in try await service() }
            _ = try await service()
        }
        #expect(service.calls.map(\.deadline?.nanoseconds) == [2_000_000_000, 2_000_000_000, nil])
        #expect(service.calls.map(\.attempt) == [1, 1, 0])
    }

    @Test(
        "A cancelled call ends at once, or goes on as long as it ignores the cancellation",
        arguments: [
            (.hang, 1, true), (.value(7, after: .seconds(5)), 1, true),
            (.value(7, after: .seconds(5)).ignoringCancellation(for: .seconds(2)), 3, true),
            (.value(7, after: .seconds(5)).ignoringCancellation(for: .seconds(60)), 5, false),
            (.hang.ignoringCancellation(for: .seconds(60)), 61, true),
        ] as [(ScriptedOperation<Int>.Step, Int64, Bool)])
    func cancelled(step: ScriptedOperation<Int>.Step, endsAt: Int64, isCancelled: Bool) throws {
        let world = VirtualTime()
        let service = ScriptedOperation<Int>(world.timeSource, [step], then: .fail)
        try world.run {
            let task = Task(executorPreference: world) { try await service() }
            try await world.timeSource.sleep(for: .seconds(1))
            #expect(service.running == 1)
            task.cancel()
            _ = await task.result
        }
        #expect(service.running == 0)
        #expect(service.calls[0].endedAt == Instant(nanoseconds: endsAt * 1_000_000_000))
        #expect(service.calls[0].wasCancelled == isCancelled)
        #expect(world.pendingTimers == 0)
    }

    @Test("A hanging script in a world where nobody cancels is a deadlock, not a hang")
    func deadlock() {
        let world = VirtualTime()
        let service = ScriptedOperation<Int>(world.timeSource, [.hang], then: .fail)
        #expect(throws: VirtualTime.Deadlock.self) { try world.run { try await service() } }
        #expect(service.calls.map(\.wasCancelled) == [true])
    }
}
