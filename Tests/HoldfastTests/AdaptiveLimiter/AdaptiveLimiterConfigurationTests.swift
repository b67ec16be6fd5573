import Testing

@testable import Holdfast

@Suite("Adaptive limiter: configuration")
struct AdaptiveLimiterConfigurationTests {
    typealias Configuration = AdaptiveLimiter.Configuration

    @Test("S82: a value outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("aimd.backoff: 1.0 is not from 0.5 up to, but not including, 1.0") { try .init(.aimd(.init(backoff: 1))) }
        expect("aimd.backoff: nan is not from 0.5 up to, but not including, 1.0") { try .init(.aimd(.init(backoff: .nan))) }
        expect("aimd.timeout: 0.0 seconds is not above zero") { try .init(.aimd(.init(timeout: .zero))) }
        expect("vegas.alpha: -1 is outside 0...1000000") { try .init(.vegas(.init(alpha: .fixed(-1)))) }
        expect("vegas.beta.share: 1.5 is outside 0.0...1.0") { try .init(.vegas(.init(beta: .share(1.5)))) }
        expect("vegas.threshold.share: nan is outside 0.0...1.0") { try .init(.vegas(.init(threshold: .share(.nan)))) }
        expect("vegas.increase.logarithmic: 9223372036854775807 is outside 0...1000000") {
            try .init(.vegas(.init(increase: .logarithmic(.max))))
        }
        expect("vegas.decrease: 1000001 is outside 0...1000000") { try .init(.vegas(.init(decrease: .fixed(1_000_001)))) }
        expect("vegas.smoothing: 0.0 is not above 0.0 and up to 1.0") { try .init(.vegas(.init(smoothing: 0))) }
        expect("vegas.probeEvery: 0 is outside 1...1000000") { try .init(.vegas(.init(probeEvery: 0))) }
        expect("gradient2.queueSize: -4 is outside 0...1000000") { try .init(.gradient2(.init(queueSize: .fixed(-4)))) }
        expect("gradient2.smoothing: inf is not above 0.0 and up to 1.0") { try .init(.gradient2(.init(smoothing: .infinity))) }
        expect("gradient2.longWindow: 9 is outside 10...1000000") { try .init(.gradient2(.init(longWindow: 9))) }
        expect("gradient2.tolerance: 0.9 is outside 1.0...10.0") { try .init(.gradient2(.init(tolerance: 0.9))) }
        expect("gradient2.backoff: -0.5 is not from 0.5 up to, but not including, 1.0") { try .init(.gradient2(.init(backoff: -0.5))) }
        expect("maximum: 0 is outside 1...1000000") { try .init(.aimd(), maximum: 0) }
        expect("maximum: 1000001 is outside 1...1000000") { try .init(.aimd(), maximum: 1_000_001) }
        expect("minimum: 0 is outside 1...1000") { try .init(.aimd(), minimum: 0) }
        expect("minimum: 30 is outside 1...20") { try .init(.aimd(), minimum: 30, maximum: 20) }
        expect("initial: 3 is outside 4...1000") { try .init(.aimd(), initial: 3) }
        expect("initial: 1001 is outside 4...1000") { try .init(.aimd(), initial: 1001) }
        expect("maxQueued: -1 is outside 0...1000000") { try .init(.aimd(), maxQueued: -1) }
    }

    @Test("The defaults are the published ones, and the initial limit fits the bounds")
    func defaults() throws {
        let configuration = try Configuration(.gradient2())
        #expect(configuration.initial == 20 && configuration.minimum == 4 && configuration.maximum == 1000 && configuration.maxQueued == 0)
        #expect(try Configuration(.aimd(), minimum: 50).initial == 50)
        #expect(try Configuration(.aimd(), maximum: 10).initial == 10)
        let absurd = try Configuration(.aimd(.init(timeout: .seconds(Int64.max))))
        #expect(absurd.algorithm == .aimd(.init(timeout: .seconds(Int64.max))))
    }

    private func expect(_ message: String, _ make: () throws -> Configuration) {
        #expect { try make() } throws: { "\($0)" == message }
    }
}
