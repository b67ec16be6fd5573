import Holdfast
import Testing

@Suite("Striped counters")
struct StripedCountersTests {
    @Test("No count is lost or counted as another, however many threads count")
    func sums() async {
        let counters = Holder()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 + task {
                        counters.counts.add(.admitted)
                        counters.counts.addEnd(task < 3 ? .success : .failure)
                    }
                    counters.counts.add(.stale)
                }
            }
        }
        let sums = counters.counts.sums
        #expect(sums.admitted == 8028)
        #expect(sums.succeeded == 3003)
        #expect(sums.failed == 5025)
        #expect(sums.stale == 8)
        #expect(sums.rejected == 0 && sums.ignored == 0 && sums.cancelled == 0)
    }

    private final class Holder: Sendable {
        let counts = StripedCounters()
    }
}
