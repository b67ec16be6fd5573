import Testing

@testable import Holdfast

@Suite("Circuit breaker: configuration")
struct CircuitBreakerConfigurationTests {
    typealias Configuration = CircuitBreaker.Configuration

    @Test("S82: a value outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("window.count: 0 is outside 1...100000") { try Configuration(window: .count(0)) }
        expect("window.time: 0.0 seconds is not above zero") { try Configuration(window: .time(.zero)) }
        expect("window.buckets: 9 is outside 10...60") { try Configuration(window: .time(.seconds(1), buckets: 9)) }
        expect("minimumCalls: 20 is above the count window and would never be reached; give 1...10") {
            try Configuration(window: .count(10), minimumCalls: 20)
        }
        expect("minimumCalls: 0 is outside 1...1000000000") { try Configuration(minimumCalls: 0) }
        expect("failureRate: nan is outside 0.0...1.0") { try Configuration(failureRate: .nan) }
        expect("failureRate: 1.5 is outside 0.0...1.0") { try Configuration(failureRate: 1.5) }
        expect("consecutiveFailures: -1 is outside 1...1000000") { try Configuration(consecutiveFailures: -1) }
        expect("slowCalls.over: -1.0 seconds is not above zero") { try Configuration(slowCalls: .init(over: .seconds(-1), rate: 0.5)) }
        expect("open.factor: inf is not a finite number of at least 1.0") { try Configuration(open: .init(factor: .infinity)) }
        expect("open.max: 1.0 seconds is below open.for, 5.0 seconds") { try Configuration(open: .init(max: .seconds(1))) }
        expect("halfOpen.probes: 0 is outside 1...10000") { try Configuration(halfOpen: .init(probes: 0)) }
        expect("ignore: UNAVAILABLE cannot be a failure and ignored at once; name it in one list only") {
            try Configuration(classification: Classification(failures: [.unavailable], ignored: [.unavailable]))
        }
    }

    @Test("The default minimum of calls fits a small count window")
    func defaultMinimum() throws {
        #expect(try Configuration(window: .count(10)).minimumCalls == 10)
        #expect(try Configuration(window: .count(100)).minimumCalls == 20)
    }

    private func expect(_ message: String, _ make: () throws -> Configuration) {
        #expect { try make() } throws: { "\($0)" == message }
    }
}
