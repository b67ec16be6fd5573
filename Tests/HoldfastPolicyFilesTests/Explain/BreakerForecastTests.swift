import Holdfast
import HoldfastVirtualTime
import Testing

@testable import HoldfastPolicyFiles

@Suite("Explain: breakers open when they are said to")
struct BreakerForecastTests {
    private struct Outage: StatusError {
        var code: StatusCode { .unavailable }
    }

    /// Runs calls through a pipeline with a breaker, the good ones before the outage.
    private static func really(
        _ configuration: CircuitBreaker.Configuration, interval: Duration, goodCalls: Int, begin: Duration, atMost: Int
    ) throws -> BreakerForecast.Opening? {
        let world = VirtualTime()
        let breaker = CircuitBreaker("b", configuration, timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(breaker)], timeSource: world.timeSource)
        return try world.run {
            let start = world.now()
            for number in 0..<goodCalls {
                try await world.timeSource.sleep(until: start + interval * number)
                try await pipeline.run { _ in }
            }
            for number in 1...atMost {
                try await world.timeSource.sleep(until: start + begin + interval * number)
                _ = try? await pipeline.run { _ in throw Outage() }
                if breaker.state == .open { return .init(calls: number, time: world.now() - (start + begin)) }
            }
            return nil
        }
    }

    @Test("Cold and healthy breakers open as forecast", arguments: 1...30 as ClosedRange<UInt64>)
    func forecasts(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        // Rates whose intervals are whole nanoseconds.
        let rate = [1, 2, 5, 10, 50, 200].randomElement(using: &random)!
        let window: CircuitBreaker.Configuration.Window =
            Bool.random(using: &random)
            ? .count(Int.random(in: 5...100, using: &random)) : .time(.seconds(Int.random(in: 1...10, using: &random)))
        let configuration = try CircuitBreaker.Configuration(
            window: window, minimumCalls: Int.random(in: 1...5, using: &random) * (window.isCount ? 1 : 5),
            failureRate: [nil, 0.1, 0.5, 1].randomElement(using: &random)!,
            consecutiveFailures: [nil, nil, 7, 30].randomElement(using: &random)!)
        let forecast = BreakerForecast("b", configuration, callsPerSecond: Double(rate))
        let interval = Duration.seconds(1) / rate
        let inWindow = Int(forecast.health / interval)
        let cold = try Self.really(configuration, interval: interval, goodCalls: 0, begin: .zero, atMost: 5000)
        let healthy = try Self.really(configuration, interval: interval, goodCalls: inWindow, begin: forecast.health, atMost: 5000)
        #expect(forecast.isExact)
        #expect(forecast.cold == cold, "\(configuration)")
        #expect(forecast.healthy == healthy, "\(configuration)")
    }

    @Test("At 200 calls a second and total failure: cold after 20 calls, 0.1 s; after 4 s of health, 2 s")
    func example() throws {
        let configuration = try CircuitBreaker.Configuration(window: .time(.seconds(4)), minimumCalls: 20, failureRate: 0.5)
        let forecast = BreakerForecast("b", configuration, callsPerSecond: 200)
        #expect(forecast.cold == .init(calls: 20, time: .milliseconds(100)))
        #expect(forecast.healthy == .init(calls: 400, time: .seconds(2)) && forecast.health == .seconds(4))
    }

    @Test("A breaker that counts slow calls alone opens for them: when the calls that make the rate have turned out to be slow")
    func slowCalls() throws {
        let configuration = try CircuitBreaker.Configuration(
            window: .time(.seconds(4)), minimumCalls: 20, failureRate: nil, slowCalls: .init(over: .milliseconds(500), rate: 0.5))
        #expect(BreakerForecast.Cause.all(for: configuration) == [.slowness(over: .milliseconds(500))])
        let forecast = BreakerForecast("b", configuration, callsPerSecond: 200, cause: .slowness(over: .milliseconds(500)))
        #expect(forecast.cold == .init(calls: 20, time: .milliseconds(600)))
        let healthy = try #require(forecast.healthy)
        // Calls count when they end, half a second after they began, so the good calls in the window are fewer by then.
        #expect(healthy.time > .seconds(2) && healthy.time < .milliseconds(2600), "\(healthy)")
    }

    @Test("A breaker that counts failures and slow calls opens for either")
    func both() throws {
        let text = try PolicyExplanation(
            of: pipelineDocument(#"{"circuitBreaker":{"minimumCalls":5,"slowCalls":{"over":"1s","rate":0.5}}}"#).policies[0], [],
            isIdempotent: false, .init(callsPerSecond: 10)
        ).description
        let rate = "  at 10 calls a second"
        #expect(text.contains("circuitBreaker, when every call that reaches it fails:\n\(rate): cold after 5 calls, 500 ms;"), "\(text)")
        #expect(text.contains("circuitBreaker, when every call that reaches it takes longer than 1 s:\n\(rate): cold after 5 calls, "))
    }

    @Test("The failure is one that the breaker counts")
    func classification() throws {
        let text = try PolicyExplanation(
            of: pipelineDocument(#"{"circuitBreaker":{"minimumCalls":5,"failures":["INTERNAL"],"ignore":["UNAVAILABLE"]}}"#).policies[0],
            [], isIdempotent: false, .init(callsPerSecond: 10)
        ).description
        let heading = "circuitBreaker, when every call that reaches it fails with INTERNAL:"
        #expect(text.contains("\(heading)\n  at 10 calls a second: cold after 5 calls, 500 ms;"), "\(text)")
    }

    @Test("Too few calls in its window never open a breaker")
    func never() throws {
        let configuration = try CircuitBreaker.Configuration(window: .time(.seconds(4)), minimumCalls: 20, failureRate: 0.5)
        let forecast = BreakerForecast("b", configuration, callsPerSecond: 2)
        #expect(forecast.cold == nil && forecast.healthy == nil)
    }

    @Test("So many calls that counting them would take long are reckoned by shares")
    func many() throws {
        let configuration = try CircuitBreaker.Configuration(window: .time(.seconds(3600)), minimumCalls: 20, failureRate: 0.5)
        let forecast = BreakerForecast("b", configuration, callsPerSecond: 10_000)
        #expect(!forecast.isExact)
        #expect(forecast.cold == .init(calls: 20, time: .milliseconds(2)) && forecast.healthy?.time == .seconds(1800))
    }
}

extension CircuitBreaker.Configuration.Window {
    fileprivate var isCount: Bool {
        if case .count = self { true } else { false }
    }
}
