import Holdfast
import Testing

@testable import Talk

@Suite("What a receiver remembers")
struct ExchangeTests {
    @Test("Ids are known until too many others have come")
    func recent() {
        var recent = Recent<Int>(capacity: 2)
        for (index, id) in ["a", "b", "a"].enumerated() { recent.remember(index, for: id) }
        #expect(recent["a"] == 2 && recent["b"] == 1)
        recent.remember(3, for: "c")
        #expect(recent["a"] == nil && recent["b"] == 1 && recent["c"] == 3)
    }

    private struct Failure: Error {}

    /// How often something was carried out.
    private final class Runs: Sendable {
        let count = Counter()
    }

    @Test("What comes twice at once is carried out once, and both are told when it is done")
    func atOnce() async throws {
        let deliveries = Deliveries(capacity: 10)
        let runs = Runs()
        let (gate, open) = AsyncStream<Void>.makeStream()
        async let first = deliveries.carryOut("1") {
            runs.count.add()
            for await _ in gate {}
        }
        while runs.count.value == 0 { await Task.yield() }
        async let second = deliveries.carryOut("1") { runs.count.add() }
        for _ in 0..<100 { await Task.yield() }
        open.finish()
        _ = try await (first, second)
        #expect(runs.count.value == 1)
        #expect(try await deliveries.carryOut("1") { runs.count.add() })
        #expect(runs.count.value == 1)
    }

    @Test("What failed is carried out when it comes again")
    func failed() async throws {
        let deliveries = Deliveries(capacity: 10)
        await #expect(throws: Failure.self) { _ = try await deliveries.carryOut("1") { throw Failure() } }
        let runs = Runs()
        #expect(try await !deliveries.carryOut("1") { runs.count.add() })
        #expect(runs.count.value == 1)
    }

    @Test("A mailbox keeps the newest, and counts what had to go")
    func mailbox() async throws {
        let mailbox = Mailbox<Int>(capacity: 3)
        for number in 0..<10 { mailbox.put(number) }
        mailbox.close()
        var read: [Int] = []
        try await mailbox.read { read.append($0) }
        #expect(read == [7, 8, 9] && mailbox.missed == 7)
    }
}
