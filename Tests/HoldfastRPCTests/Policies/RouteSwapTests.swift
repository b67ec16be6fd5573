import Holdfast
import HoldfastRPC
import Testing

@Suite("Routes that change while calls run")
struct RouteSwapTests {
    private func table(_ breaker: CircuitBreaker) -> RouteTable {
        RouteTable(services: ["fourkinds.FourKinds": RoutePolicy(name: breaker.name, pipeline: Pipeline("p", [.gate(breaker)]))])
    }

    @Test("S80: calls in flight keep the rules they started with, later calls have the new ones")
    func swap() async throws {
        let (old, new) = (CircuitBreaker("old", try .init()), CircuitBreaker("new", try .init()))
        try await withServer { client, _, _ in
            client.policies = table(old)
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                client.policies = table(new)
                try await requests.write("a")
                _ = try await responses.next()
                requests.finish()
                _ = try await client.unary(FourKinds.unary, "x")
            }
            #expect(old.snapshot().calls == 1 && new.snapshot().calls == 1)
            client.policies = .empty
            _ = try await client.unary(FourKinds.unary, "x")
            #expect(new.snapshot().calls == 1 && client.policies.isEmpty)
        }
    }

    @Test("Swaps and calls at once lose nothing")
    func concurrent() async throws {
        // A window of calls: one of time would forget the first under a sanitizer.
        let breakers = try (0..<4).map { CircuitBreaker("b\($0)", try .init(window: .count(200))) }
        try await withServer { client, _, _ in
            client.policies = table(breakers[0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for turn in 0..<400 { client.policies = self.table(breakers[turn % 4]) } }
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<50 { _ = try await client.unary(FourKinds.unary, "x") } }
                }
                try await group.waitForAll()
            }
        }
        #expect(breakers.map { $0.snapshot().calls }.reduce(0, +) == 200)
    }
}
