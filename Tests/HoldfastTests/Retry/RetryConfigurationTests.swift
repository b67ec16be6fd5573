import Testing

@testable import Holdfast

@Suite("Retry: configuration")
struct RetryConfigurationTests {
    typealias Configuration = Retry.Configuration

    @Test("The defaults are those of the policy format")
    func defaults() throws {
        let configuration = try Configuration()
        #expect(configuration == .standard)
        #expect(configuration.maxAttempts == 3)
        #expect(configuration.backoff == (try .exponential(base: .milliseconds(100), factor: 2, max: .seconds(2), jitter: .full)))
        #expect(configuration.on == FailureSelector(codes: [.unavailable], origins: [.connection, .timeout]))
        #expect(configuration.retryAfterMax == .seconds(30))
        #expect(configuration.budget == (try .share(ratio: 0.2, minimumPerSecond: 3, window: .seconds(10))))
        #expect(Retry().configuration == .standard)
    }

    @Test("S82: a value outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("maxAttempts: 0 is outside 1...100") { try Configuration(maxAttempts: 0) }
        expect("maxAttempts: 101 is outside 1...100") { try Configuration(maxAttempts: 101) }
        expect("maxAttempts: -9223372036854775808 is outside 1...100") { try Configuration(maxAttempts: .min) }
        expect("on: OK is no failure; name codes of failures") { try Configuration(on: FailureSelector(codes: [.ok, .unavailable])) }
        expect("retryAfterMax: -1.0 seconds is negative; give zero or more") { try Configuration(retryAfterMax: .seconds(-1)) }
        let rule = Configuration.Rule(on: FailureSelector(codes: [.aborted]))
        expect("rules[1].maxAttempts: 0 is outside 1...100") {
            try Configuration(rules: [rule, .init(on: FailureSelector(codes: [.aborted]), maxAttempts: 0)])
        }
        expect("rules[0].on: OK is no failure; name codes of failures") {
            try Configuration(rules: [.init(on: FailureSelector(codes: [.ok])), rule])
        }
        expect("maxAttempts: 0 is outside 1...100") { try Retry(maxAttempts: 0).configuration }
    }

    private func expect(_ message: String, _ make: () throws -> Configuration) {
        #expect { try make() } throws: { "\($0)" == message }
    }
}
