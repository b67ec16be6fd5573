import Holdfast
import HoldfastRPC
import SayEcho
import Synchronization
import Testing

@testable import HoldfastPolicyFiles

@Suite("PolicyRegistry: reload under load", .timeLimit(.minutes(10)))
struct ReloadUnderLoadTests {
    private static let reloads = 1000

    /// Documents that differ in every threshold, in order and in number of elements; what they all have is by the same name.
    private static func policies(_ number: Int) -> String {
        let breaker = "{\"circuitBreaker\":{\"minimumCalls\":\(20 + number % 5),\"failureRate\":0.\(5 + number % 4)}}"
        let elements = [
            "{\"timeout\":{\"name\":\"total\",\"after\":\"\(60 + number % 7)s\"}}", "{\"retry\":{\"maxAttempts\":\(2 + number % 3)}}",
            breaker,
            "{\"bulkhead\":{\"maxConcurrent\":\(200 + number % 3)}}",
            "{\"rateLimiter\":{\"tokenBucket\":{\"permits\":1000000000,\"per\":\"1s\",\"burst\":\(100_000_000 + number)}}}",
        ]
        let extra = number % 2 == 0 ? ["{\"adaptiveLimiter\":{\"aimd\":{},\"minimum\":500}}"] : []
        let order = number % 3 == 0 ? Array(elements.reversed()) : elements
        return "{\"say\":{\"pipeline\":[\((order + extra).joined(separator: ","))]},\"down\":{\"pipeline\":[\(down(number))]}}"
    }

    private static func down(_ number: Int) -> String {
        "{\"circuitBreaker\":{\"open\":{\"for\":\"1h\",\"max\":\"1h\",\"jitter\":0},\"minimumCalls\":\(1 + number % 9)}}"
    }

    private final class Progress: Sendable {
        let areOver = Atomic(false)
    }

    @Test("A thousand reloads while 64 tasks call: no call fails, no breaker loses what it knows")
    func load() async throws {
        let routes = #"{"grpconepb.grpconepb/SayHi":{"policy":"say","idempotent":true},"down.Down/*":"down"}"#
        let registry = try PolicyRegistry(document(Self.policies(0), routes: routes))
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService()])
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        await registry.attach(client)
        let breaker = try #require(registry.policy(for: SayEchoMethods.sayHi.path)).pipeline.breaker
        let down = try #require(registry.policy(for: "/down.Down/X")).pipeline.breaker
        await down.trip()

        let reloads = Progress()
        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                group.addTask {
                    var calls = 0
                    while !reloads.areOver.load(ordering: .relaxed) {
                        if number < 60 {
                            let answer = try await SayClient(client).sayHi(name: "kitty", msg: "\(number)")
                            #expect(answer == "[{\"kitty\":\"\(number)\"}]")
                            calls += 1
                        } else {
                            let pipeline = try #require(registry.policy(for: "/down.Down/X")).pipeline
                            let rejection = await #expect(throws: Rejection.self) { try await pipeline.run { _ in } }
                            #expect(rejection?.reason == .open)
                            await Task.yield()
                        }
                    }
                    return calls
                }
            }
            for number in 1...Self.reloads {
                try await registry.apply(document(Self.policies(number), routes: routes))
                // So that calls run under many of the documents, not all under the last.
                await Task.yield()
            }
            reloads.areOver.store(true, ordering: .relaxed)
            return try await group.reduce(0, +)
        }

        let stages = try #require(registry.policy(for: SayEchoMethods.sayHi.path)).pipeline.stages.map(\.policy)
        #expect(stages.contains { $0 as AnyObject === breaker })
        #expect(breaker.counters.admitted == calls && breaker.counters.succeeded == calls)
        #expect(stages.compactMap { ($0 as? Bulkhead)?.counters.admitted } == [calls])
        #expect(stages.compactMap { ($0 as? Bulkhead)?.running } == [0])
        let downNow = try #require(registry.policy(for: "/down.Down/X")).pipeline.breaker
        #expect(downNow === down && down.state == .open)
        #expect(registry.state.version == Self.reloads + 1)
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }

    @Test("A storm: several at once put documents in force, each whole, one after the other")
    func storm() async throws {
        let registry = try PolicyRegistry(document(Self.policies(0), routes: #"{"*":"say"}"#))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<50 {
                        try await registry.apply(document(Self.policies(task * 100 + number), routes: #"{"*":"say"}"#))
                        let stages = try #require(registry.policy(for: "/a.B/C")).pipeline.stages.map(\.policy)
                        // Whatever document it is: all of its elements, none of another's.
                        let isEven = stages.contains { $0 is AdaptiveLimiter }
                        #expect(stages.count == (isEven ? 6 : 5))
                    }
                }
            }
            try await group.waitForAll()
        }
        let last = try #require(registry.policy(for: "/a.B/C")).pipeline.stages.map(\.policy)
        let fresh = try registry.state.document.makeRouteTable().policy(for: "/a.B/C")?.pipeline.stages.map(\.policy.summary)
        #expect(last.map(\.summary) == fresh)
    }
}

extension Pipeline {
    fileprivate var breaker: CircuitBreaker {
        get throws { try #require(stages.lazy.compactMap { $0.policy as? CircuitBreaker }.first) }
    }
}
