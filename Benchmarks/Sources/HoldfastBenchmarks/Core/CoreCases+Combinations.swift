import Holdfast

extension CoreCases {
    /// Several policies around one call.
    static func combinations() throws -> [CoreCase] {
        let four = try stages()
        let inTime = try stages() + [.timeout(try Timeout("attempt", after: .seconds(1)))]
        return [
            around("pipeline of nothing", Pipeline("benchmark", [])),
            around("retry + breaker + limiter + bulkhead", Pipeline("benchmark", four), .four),
            around("the same + attempt timeout", Pipeline("benchmark", inTime), .fourInTimeByPipeline),
            around(
                "the same, the operation keeps its deadline", Pipeline("benchmark", inTime), .fourInTimeByOperation,
                enforcement: .byOperation),
            whileWaiting("the four around a call that gives way", Pipeline("benchmark", four)),
            whileWaiting("the same + attempt timeout around it", Pipeline("benchmark", inTime)),
        ]
    }

    private static func stages() throws -> [Pipeline.Stage] {
        [
            .retry(Retry("benchmark")),
            .gate(CircuitBreaker("benchmark", try .init(window: .count(100)))),
            .gate(RateLimiter("benchmark", try .perSecond(1_000_000_000))),
            .gate(Bulkhead("benchmark", try .init(maxConcurrent: 1000))),
        ]
    }

    private static func around(
        _ name: String, _ pipeline: Pipeline, _ reference: Reference? = nil, enforcement: Pipeline.Enforcement = .byPipeline
    ) -> CoreCase {
        CoreCase(name, .around(), reference) { count in
            var value = 0
            for _ in 0..<count {
                value = try await pipeline.run(enforcement: enforcement) { [value] _ in try await increment(value) }
            }
            return value
        }
    }

    private static func whileWaiting(_ name: String, _ pipeline: Pipeline) -> CoreCase {
        CoreCase(name, .around(.waiting)) { count in
            var value = 0
            for _ in 0..<count {
                value = try await pipeline.run { [value] _ in try await incrementLater(value) }
            }
            return value
        }
    }
}
