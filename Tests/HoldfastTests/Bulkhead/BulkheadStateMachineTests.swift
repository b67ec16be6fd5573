import Testing

@testable import Holdfast

@Suite("Bulkhead: who waits")
struct BulkheadStateMachineTests {
    private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private static func machine(
        maxQueued: Int = 10, maxWait: Duration = .seconds(1), order: Bulkhead.Configuration.Order = .fifo
    ) throws -> Holder<BulkheadStateMachine> {
        Holder(BulkheadStateMachine(try .init(maxConcurrent: 1, maxQueued: maxQueued, maxWait: maxWait, order: order)))
    }

    @Test("S50: who cannot wait is refused at once, and is told why")
    func refused() throws {
        #expect(try Self.machine(maxQueued: 0).value.decide(Self.at(0), deadline: nil) == .rejected(.full))
        #expect(try Self.machine(maxWait: .zero).value.decide(Self.at(0), deadline: nil) == .rejected(.full))
        let machine = try Self.machine(maxQueued: 1)
        #expect(machine.value.decide(Self.at(5), deadline: Self.at(5)) == .rejected(.full))
        #expect(machine.value.decide(Self.at(5), deadline: Self.at(6)) == .mayWait)
        _ = machine.value.enqueue(Self.at(5), deadline: nil)
        #expect(machine.value.decide(Self.at(5), deadline: nil) == .rejected(.queueFull))
    }

    @Test("S51: first in, first out; who waited too long is dropped before anybody is served")
    func fifo() throws {
        let machine = try Self.machine()
        let ids = [1000, 100, 1000, 1000].map { machine.value.enqueue(Self.at(0), deadline: Self.at($0)) }
        #expect(machine.value.next(Self.at(50)) == ids[0])
        #expect(machine.value.nextExpiry == Instant(nanoseconds: 100_000_001))
        #expect(machine.value.expire(Self.at(100)) == [])
        #expect(machine.value.expire(Self.at(101)) == [ids[1]])
        #expect(machine.value.cancel(ids[2]) == true)
        #expect(machine.value.cancel(ids[2]) == false)
        #expect(machine.value.next(Self.at(101)) == ids[3])
        #expect(machine.value.next(Self.at(101)) == nil)
        #expect(machine.value.nextExpiry == nil)
    }

    @Test("S51: adaptive LIFO serves the oldest first, and the newest first once the queue has not been empty for 100 ms")
    func adaptive() throws {
        let machine = try Self.machine(order: .adaptiveLifo)
        let ids = (0..<5).map { machine.value.enqueue(Self.at($0 * 10), deadline: nil) }
        #expect(machine.value.next(Self.at(100)) == ids[0])
        #expect(machine.value.next(Self.at(101)) == ids[4])
        #expect(machine.value.next(Self.at(101)) == ids[3])
        #expect(machine.value.next(Self.at(101)) == ids[2])
        #expect(machine.value.next(Self.at(101)) == ids[1])
        // The queue was empty: the oldest first again.
        let later = [machine.value.enqueue(Self.at(200), deadline: nil), machine.value.enqueue(Self.at(250), deadline: nil)]
        #expect(machine.value.next(Self.at(300)) == later[0])
        #expect(machine.value.next(Self.at(301)) == later[1])
    }

    @Test("S54: a queue that became too long for new settings keeps those in it")
    func reconfigure() throws {
        let machine = try Self.machine()
        let ids = (0..<3).map { _ in machine.value.enqueue(Self.at(0), deadline: nil) }
        machine.value.reconfigure(try .init(maxConcurrent: 1, maxQueued: 1, maxWait: .milliseconds(1)))
        #expect(machine.value.decide(Self.at(0), deadline: nil) == .rejected(.queueFull))
        #expect(machine.value.expire(Self.at(1000)) == [])
        #expect((0..<3).map { _ in machine.value.next(Self.at(1000)) } == ids)
    }

    @Test("S51: a queue that was empty sets no timer for those who have long left")
    func timerOfTheLeft() throws {
        let machine = try Self.machine()
        _ = machine.value.enqueue(Self.at(0), deadline: nil)
        _ = machine.value.next(Self.at(10))
        _ = machine.value.enqueue(Self.at(5000), deadline: nil)
        #expect(machine.value.nextExpiry == Instant(nanoseconds: 6_000_000_001))
    }
}
