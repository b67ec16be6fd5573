import Synchronization
import Testing

@testable import Holdfast

@Suite("Bulkhead: many tasks")
struct BulkheadConcurrencyTests {
    /// How many operations run, and the most that ever did at once.
    private final class Gauge: Sendable {
        private let running = Atomic(0)
        private let most = Atomic(0)

        var highest: Int { most.load(ordering: .relaxed) }

        func enter() {
            let now = running.wrappingAdd(1, ordering: .relaxed).newValue
            most.max(now, ordering: .relaxed)
        }

        func leave() { running.wrappingSubtract(1, ordering: .relaxed) }
    }

    @Test(
        "S51, S53: sixty-four tasks with random cancellation return every permit, exceed no limit and leave nobody waiting",
        arguments: [
            Bulkhead.Configuration.Order.fifo, .adaptiveLifo,
        ], [0, 40])
    func cancellation(order: Bulkhead.Configuration.Order, maxQueued: Int) async throws {
        let bulkhead = Bulkhead("cell", try .init(maxConcurrent: 3, maxQueued: maxQueued, maxWait: .seconds(60), order: order))
        let gauge = Gauge()
        let (ran, refused) = await withTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<64 as Range<UInt64> {
                group.addTask {
                    var random = RandomSource(seed: number)
                    var (ran, refused) = (0, 0)
                    for _ in 0..<60 {
                        let call = Task {
                            do {
                                return try await bulkhead.run {
                                    gauge.enter()
                                    defer { gauge.leave() }
                                    await Task.yield()
                                    return 1
                                }
                            } catch is Rejection {
                                return -1
                            } catch {
                                return 0
                            }
                        }
                        if Int.random(in: 0..<3, using: &random) == 0 { call.cancel() }
                        await Task.yield()
                        if Int.random(in: 0..<4, using: &random) == 0 { call.cancel() }
                        let result = await call.value
                        if result > 0 { ran += 1 }
                        if result < 0 { refused += 1 }
                    }
                    return (ran, refused)
                }
            }
            return await group.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        }
        #expect(gauge.highest <= 3)
        #expect((bulkhead.running, bulkhead.available, bulkhead.queued) == (0, 3, 0))
        #expect((bulkhead.counters.admitted, bulkhead.counters.rejected) == (ran, refused))
    }

    @Test("S54: a limit that changes while tasks come and go is never exceeded by a call that came after the change")
    func resize() async throws {
        let bulkhead = Bulkhead("cell", try .init(maxConcurrent: 8, maxQueued: 64, maxWait: .seconds(60)))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<200 { try? await bulkhead.run { await Task.yield() } }
                }
            }
            group.addTask {
                var random = RandomSource(seed: 1)
                for _ in 0..<200 {
                    let limit = Int.random(in: 1...8, using: &random)
                    guard let configuration = try? Bulkhead.Configuration(maxConcurrent: limit, maxQueued: 64, maxWait: .seconds(60)) else {
                        return
                    }
                    let before = bulkhead.running
                    bulkhead.reconfigure(configuration)
                    let after = bulkhead.running
                    if after > max(limit, before), after > 8 { Issue.record("\(after) run under a limit of \(limit)") }
                    await Task.yield()
                }
            }
        }
        #expect((bulkhead.running, bulkhead.queued) == (0, 0))
        #expect(bulkhead.counters.admitted == 16 * 200)
    }

    @Test("Nobody is refused for want of room while the count of admissions is written down")
    func writingDown() async throws {
        var almostFull = BulkheadWord(limit: 100)
        for _ in 1..<(1 << 22) { almostFull = BulkheadWord(almostFull.entered.rawValue - BulkheadWord.oneLeaving) }
        for _ in 0..<2000 {
            let bulkhead = Bulkhead("b", try .init(maxConcurrent: 100))
            bulkhead.word.store(almostFull.rawValue, ordering: .relaxed)
            let refused = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var refused = 0
                        for _ in 0..<8 {
                            do { try bulkhead.admit().settle(.succeeded) } catch { refused += 1 }
                        }
                        return refused
                    }
                }
                return await group.reduce(0, +)
            }
            if refused > 0 || bulkhead.counters.admitted != (1 << 22) - 1 + 32 {
                Issue.record("\(refused) refused, \(bulkhead.counters)")
                return
            }
        }
    }
}
