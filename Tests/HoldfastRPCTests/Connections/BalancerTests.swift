import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Balancers")
struct BalancerTests {
    private struct Endpoints: BalancedEndpoints {
        var allowed: [Bool]
        var calls: [Int]
        var weights: [Double]

        init(_ count: Int) {
            allowed = Array(repeating: true, count: count)
            calls = Array(repeating: 0, count: count)
            weights = Array(repeating: 1, count: count)
        }

        var count: Int { allowed.count }
        func isAllowed(_ position: Int) -> Bool { allowed[position] }
        func running(_ position: Int) -> Int { calls[position] }
        func weight(_ position: Int) -> Double { weights[position] }
    }

    @Test("A pick is an allowed endpoint whenever there is one", arguments: [LoadBalancing.pickFirst, .roundRobin, .leastRequest])
    func allowed(policy: LoadBalancing) {
        let random = RandomSource(seed: 1)
        var balancer = ChosenBalancer(policy)
        for step in 0..<20_000 {
            var endpoints = Endpoints(Int(random.next() % 7))
            for index in 0..<endpoints.count {
                endpoints.allowed[index] = random.next() % 3 > 0
                endpoints.calls[index] = Int(random.next() % 5)
                endpoints.weights[index] = random.next() % 2 == 0 ? 1 : 0.1 + 0.9 * random.uniform()
            }
            let pick = balancer.pick(endpoints, random: random.next())
            let isRight = pick.map { endpoints.allowed[$0] } ?? !endpoints.allowed.contains(true)
            if !isRight { Issue.record("step \(step): \(String(describing: pick)) of \(endpoints)") }
        }
    }

    @Test("Pick-first is the first that is allowed")
    func pickFirst() {
        var endpoints = Endpoints(3)
        #expect(PickFirst().pick(endpoints, random: 5) == 0)
        endpoints.allowed[0] = false
        #expect(PickFirst().pick(endpoints, random: 5) == 1)
    }

    @Test("Round-robin gives equal shares, whichever is passed over now and then")
    func roundRobin() {
        var balancer = RoundRobin()
        var endpoints = Endpoints(4)
        #expect((0..<8).map { _ in balancer.pick(endpoints, random: 0) } == [0, 1, 2, 3, 0, 1, 2, 3])
        endpoints.allowed[1] = false
        #expect((0..<4).map { _ in balancer.pick(endpoints, random: 0) } == [0, 2, 3, 0])
    }

    @Test("Round-robin gives one that warms up the share of its weight")
    func warmingUp() {
        let random = RandomSource(seed: 2)
        var balancer = RoundRobin()
        var endpoints = Endpoints(2)
        endpoints.weights[1] = 0.25
        let picks = (0..<20_000).count { _ in balancer.pick(endpoints, random: random.next()) == 1 }
        // Every lap asks it once, and a quarter of the laps takes it: 1 of 5 calls.
        #expect(abs(Double(picks) / 20_000 - 0.2) < 0.01)
    }

    @Test("Least-request draws each pair equally often, and takes the less busy one")
    func leastRequest() {
        let random = RandomSource(seed: 3)
        let balancer = LeastRequest()
        var endpoints = Endpoints(4)
        endpoints.calls = [0, 1, 2, 3]
        var picks = [0, 0, 0, 0]
        for _ in 0..<60_000 { picks[balancer.pick(endpoints, random: random.next())!] += 1 }
        // Of the six pairs the least busy wins three, the next two, then one, then none.
        let expected = [30_000, 20_000, 10_000, 0]
        for index in 0..<4 { #expect(abs(picks[index] - expected[index]) < 600, "\(picks)") }
        endpoints.weights[0] = 0.1
        endpoints.calls = [0, 1, 1, 1]
        #expect((0..<1_000).allSatisfy { _ in balancer.pick(endpoints, random: random.next()) != 0 })
    }

    @Test("The least and the greatest draw are within bounds", arguments: [UInt64.min, .max, 0xFFFF_FFFF, 0xFFFF_FFFF_0000_0000])
    func extremes(draw: UInt64) {
        for count in 1..<6 {
            var roundRobin = RoundRobin()
            #expect(LeastRequest().pick(Endpoints(count), random: draw) != nil)
            #expect(roundRobin.pick(Endpoints(count), random: draw) == 0)
        }
    }

    @Test("A returning endpoint's weight grows from its minimum to 1")
    func slowStart() throws {
        let slowStart = try SlowStart(window: .nanoseconds(1_000), minimumWeight: 0.2)
        #expect([-5, 0, 100, 200, 500, 1_000, .max].map { slowStart.weight(after: $0) } == [0.2, 0.2, 0.2, 0.2, 0.5, 1, 1])
    }
}
