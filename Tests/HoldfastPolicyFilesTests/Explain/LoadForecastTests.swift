import Holdfast
import HoldfastVirtualTime
import Testing

@testable import HoldfastPolicyFiles

@Suite("Explain: the service sees as many attempts as is said")
struct LoadForecastTests {
    private final class Attempts: Sendable {
        let count = Locked(0)
    }

    @Test(
        "While all fail for long",
        arguments: [
            #"{"retry":{}}"#, #"{"retry":{"maxAttempts":2,"budget":{"ratio":5}}}"#, #"{"retry":{"maxAttempts":4,"budget":null}}"#,
            #"{"retry":{"budget":{"grpcThrottle":{"maxTokens":10,"tokenRatio":0.1}}}}"#, #"{"hedge":{"after":"10ms"}}"#,
            #"{"retry":{"on":["timeout"]}}"#, #"{"timeout":{"after":"1s"}}"#,
            #"{"retry":{"budget":{"tokenBucket":{"maxTokens":10,"tokensPerCall":0.3}}}}"#,
        ])
    func sustained(element: String) throws {
        let rate = 50
        let policy = try pipelineDocument(element).policies[0]
        let traffic = try PolicyExplanation.Traffic(callsPerSecond: Double(rate))
        let said = try #require(PolicyExplanation(of: policy, [], isIdempotent: true, traffic).load.sustained)
        let world = VirtualTime()
        let pipeline = policy.model(PolicyOptions(timeSource: world.timeSource, random: RandomSource(seed: 1)))
        let attempts = Attempts()
        try world.run {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<(rate * 60) {
                    group.addTask {
                        try? await world.timeSource.sleep(until: Instant(nanoseconds: Int64(number) * 1_000_000_000 / Int64(rate)))
                        _ = try? await pipeline.run { _ in
                            // The first half is for the budget to be used up.
                            if number >= rate * 30 { attempts.count.withLock { $0 += 1 } }
                            throw SampleError(code: .unavailable)
                        }
                    }
                }
            }
        }
        let really = Double(attempts.count.withLock { $0 }) / Double(rate * 30)
        #expect(abs(really - said) <= 0.02 * said, "said \(said), really \(really)")
    }

    @Test("Without the number of calls, only a budget without a floor can be reckoned")
    func unknownRate() throws {
        let policies = try [#"{"retry":{}}"#, #"{"retry":{"budget":{"ratio":0.3,"minimumPerSecond":0}}}"#].map {
            try pipelineDocument($0).policies[0]
        }
        let loads = policies.map { PolicyExplanation(of: $0, [], isIdempotent: true, .unknown).load }
        #expect(loads.map(\.sustained) == [nil, 1.3] && loads.map(\.mostAttempts.count) == [3, 3])
    }

    @Test("What may not run twice runs once")
    func notIdempotent() throws {
        let policy = try pipelineDocument(#"{"retry":{}},{"hedge":{"after":"1s"}}"#).policies[0]
        let load = PolicyExplanation(of: policy, [], isIdempotent: false, .unknown).load
        #expect(load.mostAttempts.count == 1 && load.sustained == 1)
    }
}
