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
            admitAndSettle(
                "closed breaker, count window: admit and settle", CircuitBreaker("benchmark", count), .breakerAloneByCount,
                isCrowded: true),
            permit("closed breaker, count window: a permit", count),
            admitAndSettle(
                "closed breaker, time window: admit and settle", CircuitBreaker("benchmark", time), .breakerAloneByTime,
                isCrowded: true),
            permit("closed breaker, time window: a permit", time),
            around("closed breaker, count window", count, .breakerByCount, isCrowded: true),
            around("closed breaker, time window", time, .breakerByTime, isCrowded: true),
            around("closed breaker, time window, slow calls", slow),
            around("closed breaker, slow calls while they run", running),
            around("closed breaker, count window, a listener", count, isHeard: true),
            try await refusing("open breaker refuses", .openBreaker, isCrowded: true),
            try await refusingAndCasting(),
            try await refusing("open breaker refuses, a listener", isHeard: true),
        ]
    }

    private static func around(
        _ name: String, _ configuration: Configuration, _ reference: Reference? = nil, isCrowded: Bool = false, isHeard: Bool = false
    ) -> CoreCase {
        let breaker = CircuitBreaker("benchmark", configuration)
        if isHeard { listen(to: breaker) }
        return CoreCase(name, .around(), reference, isCrowded: isCrowded) { count in
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

    /// The error is thrown and caught.
    private static func refusing(
        _ name: String, _ reference: Reference? = nil, isCrowded: Bool = false, isHeard: Bool = false
    ) async throws -> CoreCase {
        let breaker = try await open()
        if isHeard { listen(to: breaker) }
        return CoreCase(name, .alone, reference, isCrowded: isCrowded) { count in
            var refused = 0
            for _ in 0..<count {
                do {
                    _ = try await breaker.run { try await increment(refused) }
                } catch {
                    refused += 1
                }
            }
            return refused
        }
    }

    /// What a `catch` that asks for the type adds.
    private static func refusingAndCasting() async throws -> CoreCase {
        let breaker = try await open()
        return CoreCase("open breaker refuses, and the error is cast", .alone) { count in
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

    private static func open() async throws -> CircuitBreaker {
        let breaker = CircuitBreaker("benchmark", try Configuration(open: .init(for: .seconds(3600), max: .seconds(3600))))
        await breaker.trip()
        return breaker
    }
}
