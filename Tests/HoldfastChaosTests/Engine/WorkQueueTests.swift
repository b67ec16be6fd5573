import Testing

@testable import HoldfastChaos

@Suite("The line in front of a service's workers")
struct WorkQueueTests {
    @Test("Workers take who comes until all are busy, and then who waited longest, or last", arguments: [QueueSpec.Order.fifo, .lifo])
    func order(order: QueueSpec.Order) {
        var queue = WorkQueue<String>(workers: 2, QueueSpec(order: order))
        #expect(queue.arrive("a") == .started)
        #expect(queue.arrive("b") == .started)
        for name in ["c", "d", "e"] { _ = queue.arrive(name) }
        #expect(queue.working == 2 && queue.waiting == 3)
        let served = (0..<3).map { _ in queue.finish() }
        #expect(served == (order == .fifo ? ["c", "d", "e"] : ["e", "d", "c"]))
        #expect(queue.finish() == nil && queue.finish() == nil)
        #expect(queue.working == 0)
    }

    @Test("A full line refuses, and has room again when somebody leaves it")
    func limit() {
        var queue = WorkQueue<String>(workers: 1, QueueSpec(limit: 1))
        #expect(queue.arrive("a") == .started)
        #expect(queue.arrive("b") == .waiting(place: 1))
        #expect(queue.arrive("c") == .refused)
        #expect(queue.leave(1) == "b")
        #expect(queue.leave(1) == nil)
        #expect(queue.arrive("d") == .waiting(place: 2))
        #expect(queue.finish() == "d")
    }

    @Test("A line without room still lets workers work")
    func noLine() {
        var queue = WorkQueue<Int>(workers: 1, QueueSpec(limit: 0))
        #expect(queue.arrive(1) == .started)
        #expect(queue.arrive(2) == .refused)
        #expect(queue.finish() == nil)
        #expect(queue.arrive(3) == .started)
    }

    @Test("Whoever leaves from anywhere in line, the others keep their order")
    func leaving() {
        var queue = WorkQueue<Int>(workers: 1, QueueSpec())
        _ = queue.arrive(0)
        for number in 1...9 { #expect(queue.arrive(number) == .waiting(place: number)) }
        for place in [5, 1, 9, 4] { #expect(queue.leave(place) == place) }
        var served: [Int] = []
        while let next = queue.finish() { served.append(next) }
        #expect(served == [2, 3, 6, 7, 8])
    }
}
