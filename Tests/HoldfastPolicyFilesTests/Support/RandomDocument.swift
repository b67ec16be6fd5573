import Holdfast
import HoldfastPolicyFiles

/// Makes valid documents at random, the same for the same seed.
struct RandomDocument {
    private let random: RandomSource

    static func make(seed: UInt64) -> PolicyDocument {
        var maker = RandomDocument(random: RandomSource(seed: seed))
        do {
            return try maker.document()
        } catch {
            fatalError("seed \(seed) makes a document that is not valid: \(error)")
        }
    }

    private mutating func document() throws -> PolicyDocument {
        let names = (0..<integer(1...4)).map { "policy \($0)" }
        let policies = try names.map { try policy($0) }
        let patterns: [RoutePattern] = [.all, .service("a.B"), .method(service: "a.B", name: "C"), .method(service: "x", name: "Y")]
        let routes = patterns.filter { _ in chance() }.map {
            RouteDefinition($0, policy: one(names), isIdempotent: chance(), criticality: one(Criticality.allCases))
        }
        return try PolicyDocument(policies: policies, routes: routes)
    }

    private mutating func policy(_ name: String) throws -> PolicyDefinition {
        let pipeline = try (0..<integer(0...6)).map { number in
            let settings = try settings()
            let isChaos = if case .chaos = settings { true } else { false }
            return PipelineElement("element \(number) ${X}", settings, isEnabled: isChaos || chance())
        }
        return PolicyDefinition(name, pipeline: pipeline, fallback: chance() ? fallback() : nil)
    }

    private mutating func settings() throws -> PipelineElement.Settings {
        switch integer(0...9) {
        case 0:
            let adaptive = Timeout.Configuration.Adaptive(quantile: 0.5, factor: 1 + share(), minimum: .nanoseconds(1))
            return .timeout(
                try .init(after: time(), onExpiry: one([.wait, .abandon]), idle: maybe(time()), adaptive: maybe(adaptive)))
        case 1:
            let budget = try budget()
            let rule = Retry.Configuration.Rule(on: selector(), maxAttempts: maybe(integer(1...100)), backoff: maybe(try backoff()))
            return .retry(
                try .init(
                    maxAttempts: integer(1...100), backoff: try backoff(), on: selector(), rules: chance() ? [rule] : [],
                    retryAfterMax: time(), budget: budget), sharedBudget: budget == nil ? nil : maybe("b\(random.next())"))
        case 2: return .circuitBreaker(try breaker())
        case 3: return .rateLimiter(try rateLimiter())
        case 4:
            return .bulkhead(
                try .init(
                    maxConcurrent: integer(1...1_000_000), maxQueued: integer(0...9), maxWait: time(), order: one([.fifo, .adaptiveLifo])))
        case 5:
            let step = one([AdaptiveLimiter.Configuration.Step.fixed(integer(0...9)), .logarithmic(integer(0...9)), .share(share())])
            let algorithms: [AdaptiveLimiter.Configuration.Algorithm] = [
                .aimd(.init(backoff: 0.5 + share() / 2.1, timeout: time())),
                .vegas(.init(alpha: step, threshold: step, probeEvery: maybe(integer(1...99)))), .gradient2(.init(queueSize: step)),
            ]
            return .adaptiveLimiter(
                try .init(one(algorithms), initial: 5, minimum: integer(1...5), maximum: integer(5...2000), maxQueued: integer(0...9)))
        case 6: return .throttle(try .init(k: 1 + share(), window: .seconds(integer(1...600))))
        case 7:
            return .shed(
                try .init(
                    inFlight: .init(enter: integer(2...99), leave: 1),
                    queueTime: maybe(.init(enter: .seconds(2), leave: time(upTo: 1_000_000))),
                    cpu: maybe(.init(enter: 0.9, leave: share() * 0.8)), hold: time()))
        case 8:
            let budget = try budget()
            return .hedge(
                try .init(
                    after: one([.fixed(time()), .quantile(0.01 + share() / 1.1, minimumSamples: integer(1...99))]),
                    maxExtra: integer(1...10),
                    budget: budget, nonFatal: maybe(selector())), sharedBudget: budget == nil ? nil : maybe("b\(random.next())"))
        default:
            return .chaos(
                .init(
                    fault: .init(rate: share(), code: .dataLoss, message: one(["", "a \"message\" of ${HOME}\n"])),
                    latency: try maybe(.init(rate: share(), delay: time())),
                    outcome: maybe(.init(rate: share(), json: #"{"a":["${X}",1.50]}"#)),
                    isEnabled: chance()))
        }
    }

    private mutating func breaker() throws -> CircuitBreaker.Configuration {
        let time = time()
        return try .init(
            window: one([.count(integer(20...1000)), .time(.seconds(integer(1...60)), buckets: integer(10...60))]),
            minimumCalls: integer(1...20),
            failureRate: maybe(share()), consecutiveFailures: maybe(integer(1...9)),
            slowCalls: maybe(.init(over: self.time(), rate: share(), countRunning: chance())),
            open: .init(for: time, factor: 1 + share(), max: time * integer(1...9), jitter: share()),
            halfOpen: .init(probes: integer(1...9), failureRate: maybe(share()), lease: maybe(self.time())), rampAfterClose: self.time(),
            mode: one(CircuitBreaker.Configuration.Mode.allCases),
            classification: one([.standard, try .init(failures: [.aborted], ignored: [.unknown])]))
    }

    private mutating func rateLimiter() throws -> RateLimiter.Configuration {
        let (permits, per) = (integer(1...1000), time())
        return try .init(
            one([
                .tokenBucket(permits: permits, per: per, burst: integer(1...99)), .slidingWindow(permits: permits, per: per),
                .fixedWindow(permits: permits, per: per), .pacing(permits: permits, per: per),
            ]), warmUp: maybe(.init(over: time(), from: 0.01 + share() / 1.1)), maxWait: time(), maxQueued: integer(0...9),
            key: one([.none, .method, .peer, .metadata("tenant")]), maxKeys: integer(1...99), idleAfter: time())
    }

    private mutating func backoff() throws -> Backoff {
        let (base, jitter) = (time(), one(Backoff.Jitter.allCases))
        return try one([
            .constant(base, jitter: jitter), .linear(base: base, step: time(), max: base * 3, jitter: jitter),
            .exponential(base: base, factor: 1 + share(), max: base * 5, jitter: jitter),
        ])
    }

    private mutating func budget() throws -> RetryBudget.Configuration? {
        one([
            nil, .standard, try .share(ratio: share(), minimumPerSecond: share(), window: .seconds(integer(1...9))),
            try .grpcThrottle(maxTokens: integer(1...1000), tokenRatio: 0.001 + share()),
            try .tokenBucket(maxTokens: integer(2...1000), tokensPerCall: 0.001 + share()),
        ])
    }

    private mutating func fallback() -> FallbackDefinition {
        let steps: [FallbackDefinition.Step] = [
            .init(.lastGood(maxAge: time(), maxEntries: integer(1...99))), .init(.target(endpoint: "b ${X}", timeout: maybe(time()))),
            .init(.handler("h")), .init(.value(json: #"{"body":"$${X} ${Y:-z}"}"#)),
        ]
        return FallbackDefinition(
            Array(steps.suffix(integer(1...4))), name: one(["fallback", "other"]), on: maybe(selector()), singleFlight: chance(),
            metadata: one([nil, [], ["authorization", "x-tenant"]]), isEnabled: chance())
    }

    private mutating func selector() -> FailureSelector {
        FailureSelector(
            codes: Set(StatusCode.allCases.dropFirst().filter { _ in chance() }), origins: chance() ? [.timeout, .rejected] : [])
    }

    private func integer(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(random.next() % UInt64(range.count)) }
    private func share() -> Double { random.uniform() }
    private func chance() -> Bool { random.next() % 2 == 0 }
    private func one<Value>(_ values: [Value]) -> Value { values[integer(0...(values.count - 1))] }
    private func maybe<Value>(_ value: Value) -> Value? { chance() ? value : nil }
    private func time(upTo limit: Int = 1 << 40) -> Duration {
        .nanoseconds(one([integer(1...limit), integer(1...999) * 1000, min(integer(1...500) * 1_000_000, limit)]))
    }
}
