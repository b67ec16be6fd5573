import Testing

@testable import Holdfast

@Suite("Bulkhead: settings out of range")
struct BulkheadConfigurationTests {
    @Test(
        "S82: a setting outside its range is refused with the field, the value and the range",
        arguments: [
            (0, 0, .zero, "maxConcurrent: 0 is outside 1...1000000"),
            (-1, 0, .zero, "maxConcurrent: -1 is outside 1...1000000"),
            (.max, 0, .zero, "maxConcurrent: 9223372036854775807 is outside 1...1000000"),
            (1, -1, .zero, "maxQueued: -1 is outside 0...1000000"),
            (1, 1_000_001, .zero, "maxQueued: 1000001 is outside 0...1000000"),
            (1, 1, .seconds(-1), "maxWait: -1.0 seconds is negative; give zero or more"),
        ] as [(Int, Int, Duration, String)])
    func ranges(maxConcurrent: Int, maxQueued: Int, maxWait: Duration, error: String) {
        #expect { try Bulkhead.Configuration(maxConcurrent: maxConcurrent, maxQueued: maxQueued, maxWait: maxWait) } throws: {
            "\($0)" == error
        }
    }
}
