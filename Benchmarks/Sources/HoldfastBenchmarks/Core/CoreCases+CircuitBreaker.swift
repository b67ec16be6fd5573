import Holdfast

extension CoreCases {
    private typealias Configuration = CircuitBreaker.Configuration

    static func breakers() async throws -> [CoreCase] {
        let count = try Configuration(window: .count(100))
        let time = try Configuration(window: .time(.seconds(10)))
        let slow = try Configuration(window: .time(.seconds(10)), slowCalls: .init(over: .milliseconds(150), rate: 0.8))
        let running = try Configuration(
            window: .time(.seconds(10)), slowCalls: .init(over: .milliseconds(150), rate: 0.8, countRunning: true))
        return [
            around("closed breaker, count window", count, limit: 100),
            around("closed breaker, time window", time, limit: 100),
            around("closed breaker, time window, slow calls", slow, limit: 100),
            around("closed breaker, slow calls while they run", running),
            around("closed breaker, count window, a listener", count, isHeard: true),
            permit("closed breaker, count window: admit and settle", count),
            permit("closed breaker, time window: admit and settle", time),
            try await refusing("open breaker refuses"),
            try await refusing("open breaker refuses, a listener", isHeard: true),
        ]
    }

    private static func around(
        _ name: String, _ configuration: Configuration, limit: Double? = nil, isHeard: Bool = false
    ) -> CoreCase {
        let breaker = CircuitBreaker("benchmark", configuration)
        if isHeard { listen(to: breaker) }
        return CoreCase(name, .around(limit: limit)) { count in
            var value = 0
            for _ in 0..<count {
                value = try await breaker.run { try await increment(value) }
            }
            return value
        }
    }

    private static func permit(_ name: String, _ configuration: Configuration) -> CoreCase {
        let breaker = CircuitBreaker("benchmark", configuration)
        return CoreCase(name, .alone) { count in
            for _ in 0..<count {
                let permit = try breaker.admit()
                permit.settle(.succeeded)
            }
            return count
        }
    }

    private static func refusing(_ name: String, isHeard: Bool = false) async throws -> CoreCase {
        let breaker = CircuitBreaker("benchmark", try Configuration(open: .init(for: .seconds(3600), max: .seconds(3600))))
        await breaker.trip()
        if isHeard { listen(to: breaker) }
        return CoreCase(name, .alone) { count in
            var refused = 0
            for _ in 0..<count {
                do {
                    _ = try await breaker.run { try await increment(refused) }
                } catch is Rejection {
                    refused += 1
                }
            }
            return refused
        }
    }
}
