import Foundation
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

    private static func load(_ elements: String, rate: Double? = nil) throws -> LoadForecast {
        let policy = try pipelineDocument(elements).policies[0]
        return PolicyExplanation(of: policy, [], isIdempotent: true, try .init(callsPerSecond: rate)).load
    }

    @Test(
        "Each failure that a retry names counts, not UNAVAILABLE alone",
        arguments: [
            (#"{"retry":{"on":["RESOURCE_EXHAUSTED"],"maxAttempts":4,"budget":null}}"#, 4),
            (#"{"retry":{"on":["DEADLINE_EXCEEDED"],"maxAttempts":4,"budget":null}}"#, 4),
            (#"{"retry":{"on":["connection"],"maxAttempts":4,"budget":null}}"#, 4),
            (#"{"retry":{"on":["timeout"],"budget":null}},{"timeout":{"after":"1s"}}"#, 3),
            (#"{"retry":{"maxAttempts":1,"on":["INTERNAL"],"rules":[{"on":["UNAVAILABLE"],"maxAttempts":5}],"budget":null}}"#, 5),
            (#"{"retry":{"rules":[{"on":["UNAVAILABLE","connection"],"maxAttempts":1}],"budget":null}}"#, 1),
            (#"{"hedge":{"after":"1s","nonFatal":["ABORTED"],"budget":null}},{"timeout":{"after":"1ms"}}"#, 2),
            (#"{"hedge":{"after":{"quantile":0.95},"maxExtra":2,"budget":null}}"#, 3),
            (#"{"retry":{"budget":null}},{"retry":{"budget":null}}"#, 5),
            (#"{"retry":{"maxAttempts":4,"on":["INTERNAL"],"budget":null}},{"retry":{"on":["ABORTED"],"budget":null}}"#, 4),
        ])
    func failures(elements: String, attempts: Int) throws {
        let load = try Self.load(elements)
        #expect(load.mostAttempts.count == attempts && load.sustained == Double(attempts))
    }

    @Test("What each call makes for long is never above the most that one makes", arguments: [nil, 0.1, 1, 200] as [Double?])
    func sustainedBelowMost(rate: Double?) throws {
        let retry = #"{"retry":{"name":"NAME","maxAttempts":100,"budget":{"ratio":5}}}"#
        let elements = (0..<10).map { retry.replacingOccurrences(of: "NAME", with: "r\($0)") }.joined(separator: ",")
        let load = try Self.load(elements, rate: rate)
        #expect(load.mostAttempts.count == 991)
        #expect(load.sustained.map { $0 <= 991 } ?? (rate == nil))
    }

    @Test("The failure that makes for the most attempts is the one that is pictured, by its code")
    func pictured() throws {
        let retry = #"{"retry":{"on":["RESOURCE_EXHAUSTED"],"maxAttempts":4,"backoff":{"constant":{"delay":"10ms"},"jitter":"none"}}}"#
        let document = try document("{\"p\":{\"pipeline\":[\(retry)]}}", routes: #"{"*":{"policy":"p","idempotent":true}}"#)
        let text = PolicyExplanation(of: document.policies[0], in: document).description
        #expect(text.contains("If the service fails at once with RESOURCE_EXHAUSTED, the call fails after at most 30 ms and 4 attempts"))
        #expect(text.contains("Load: at most 4 attempts for a call"))
    }

    @Test("What may not run twice runs once")
    func notIdempotent() throws {
        let policy = try pipelineDocument(#"{"retry":{}},{"hedge":{"after":"1s"}}"#).policies[0]
        let load = PolicyExplanation(of: policy, [], isIdempotent: false, .unknown).load
        #expect(load.mostAttempts.count == 1 && load.sustained == 1)
    }
}
