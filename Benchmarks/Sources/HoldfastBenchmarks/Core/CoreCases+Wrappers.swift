import Holdfast

extension CoreCases {
    /// What runs a call in a child task, beside a timer; and what remembers answers.
    static func wrappers() throws -> [CoreCase] {
        let byQuantile = try Hedge.Configuration(after: .quantile(0.95, minimumSamples: 100))
        let fixed = try Hedge.Configuration(after: .fixed(.milliseconds(100)))
        return [
            try timeout(), try timeoutWhileWaiting(), try timeoutByOperation(),
            hedge("hedge that does not fire", fixed, .hedge), hedge("hedge by quantile", byQuantile),
            hedgeWhileWaiting(fixed),
            try remembering(), try withFallback(),
        ]
    }

    private static func timeout() throws -> CoreCase {
        let timeout = try Timeout("benchmark", after: .seconds(1))
        return CoreCase("timeout", .around(), .timeout) { count in
            var value = 0
            for _ in 0..<count {
                value = try await timeout.run { [value] _ in try await increment(value) }
            }
            return value
        }
    }

    private static func timeoutWhileWaiting() throws -> CoreCase {
        let timeout = try Timeout("benchmark", after: .seconds(1))
        return CoreCase("timeout around a call that gives way", .around(.waiting)) { count in
            var value = 0
            for _ in 0..<count {
                value = try await timeout.run { [value] _ in try await incrementLater(value) }
            }
            return value
        }
    }

    private static func timeoutByOperation() throws -> CoreCase {
        let pipeline = Pipeline("benchmark", [.timeout(try Timeout("benchmark", after: .seconds(1)))])
        return CoreCase("timeout, the operation keeps its deadline", .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await pipeline.run(enforcement: .byOperation) { [value] _ in try await increment(value) }
            }
            return value
        }
    }

    private static func hedge(_ name: String, _ configuration: Hedge.Configuration, _ reference: Reference? = nil) -> CoreCase {
        let hedge = Hedge("benchmark", configuration)
        return CoreCase(name, .around(), reference) { count in
            var value = 0
            for _ in 0..<count {
                value = try await hedge.run { [value] _ in try await increment(value) }
            }
            return value
        }
    }

    private static func hedgeWhileWaiting(_ configuration: Hedge.Configuration) -> CoreCase {
        let hedge = Hedge("benchmark", configuration)
        return CoreCase("hedge around a call that gives way", .around(.waiting)) { count in
            var value = 0
            for _ in 0..<count {
                value = try await hedge.run { [value] _ in try await incrementLater(value) }
            }
            return value
        }
    }

    private static func remembering() throws -> CoreCase {
        let fallback = try fallback()
        return CoreCase("fallback remembers an answer", .alone) { count in
            for value in 0..<count { fallback.remember(value, for: value & 0xFF) }
            return count
        }
    }

    private static func withFallback() throws -> CoreCase {
        let fallback = try fallback()
        let pipeline = Pipeline("benchmark", [])
        return CoreCase("fallback around a call that succeeds", .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await pipeline.run(key: 1, fallback: fallback) { [value] _ in try await increment(value) }.value
            }
            return value
        }
    }

    private static func fallback() throws -> Fallback<Int, Int> {
        Fallback("benchmark", try .init([.lastGood(maxAge: .seconds(60), maxEntries: 1000)]))
    }
}
