import Holdfast

extension CoreCases {
    /// The gates that follow how the service does.
    static func adaptives() async throws -> [CoreCase] {
        [
            try adaptiveLimiter("adaptive limiter, AIMD", .aimd()),
            try adaptiveLimiter("adaptive limiter, Vegas", .vegas()),
            try adaptiveLimiter("adaptive limiter, Gradient2", .gradient2()),
            throttle(),
            try shedder(),
        ]
    }

    private static func adaptiveLimiter(
        _ name: String, _ algorithm: AdaptiveLimiter.Configuration.Algorithm
    ) throws -> CoreCase {
        let limiter = AdaptiveLimiter("benchmark", try .init(algorithm))
        return CoreCase(name, .around(), .adaptiveLimiter) { count in
            var value = 0
            for _ in 0..<count {
                value = try await limiter.run { try await increment(value) }
            }
            return value
        }
    }

    private static func throttle() -> CoreCase {
        let throttle = AdaptiveThrottle("benchmark", .standard)
        return CoreCase("adaptive throttle", .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await throttle.run { try await increment(value) }
            }
            return value
        }
    }

    private static func shedder() throws -> CoreCase {
        let shedder = LoadShedder("benchmark", try .init(inFlight: .init(enter: 1000, leave: 500)))
        return CoreCase("load shedder", .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await shedder.run { try await increment(value) }
            }
            return value
        }
    }
}
