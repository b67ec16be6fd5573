import Holdfast
import HoldfastVirtualTime
import Testing

@testable import HoldfastPolicyFiles

/// What is reckoned is held against what the pipeline then does, in virtual time. The pipeline itself is the model.
@Suite("Explain: a call goes as it is said to")
struct CallSimulationTests {
    /// What really happened, in nanoseconds.
    private struct Record {
        var starts: [Int64] = []
        var end: Int64?
        var error = ""
    }

    private static func really(
        _ policy: PolicyDefinition, _ service: CallSimulation.Service, isIdempotent: Bool
    ) throws -> Record {
        let world = VirtualTime()
        let pipeline = policy.model(PolicyOptions(timeSource: world.timeSource))
        let record = Locked(Record())
        try world.run {
            do {
                try await pipeline.run(attributes: CallAttributes(isIdempotent: isIdempotent)) { _ in
                    record.withLock { $0.starts.append(world.now().nanoseconds) }
                    switch service {
                    case .hangs: try await world.timeSource.sleep(for: .seconds(3600))
                    case .fails(let error, let after):
                        try await world.timeSource.sleep(for: .nanoseconds(after))
                        throw error
                    case .answers(let after): try await world.timeSource.sleep(for: .nanoseconds(after))
                    }
                }
                record.withLock { $0.end = world.now().nanoseconds }
            } catch {
                record.withLock { record in
                    record.end = world.now().nanoseconds
                    record.error = "\(error)"
                }
            }
        }
        return record.withLock { $0 }
    }

    /// Times are of different remainders, so that no two things happen at once whose order is left to chance.
    private static func policy(_ random: inout some RandomNumberGenerator) throws -> PolicyDefinition {
        func retry(_ random: inout some RandomNumberGenerator) -> String {
            let backoff = [
                #"{"constant":{"delay":"\#(Int.random(in: 0...3, using: &random))us"},"jitter":"none"}"#,
                #"{"linear":{"base":"1us","step":"2us","max":"6us"},"jitter":"none"}"#,
                #"{"exponential":{"base":"1us","factor":2,"max":"7us"},"jitter":"none"}"#,
            ].randomElement(using: &random)!
            let on = ["[\"timeout\",\"UNAVAILABLE\"]", "[\"timeout\"]", "[\"UNAVAILABLE\",\"connection\"]"].randomElement(using: &random)!
            let budget = [
                "null", "{\"ratio\":0,\"minimumPerSecond\":0.1}", "{\"ratio\":2,\"minimumPerSecond\":0}",
                "{\"grpcThrottle\":{\"maxTokens\":4,\"tokenRatio\":1}}",
            ].randomElement(using: &random)!
            let rules = Int.random(in: 0...3, using: &random) == 0 ? ",\"rules\":[{\"on\":[\"timeout\"],\"maxAttempts\":2}]" : ""
            return """
                {"retry":{"maxAttempts":\(Int.random(in: 1...4, using: &random)),"backoff":\(backoff),"on":\(on),"budget":\(budget)\(rules)}}
                """
        }
        func timeout(_ range: ClosedRange<Int>, _ random: inout some RandomNumberGenerator) -> String {
            "{\"timeout\":{\"after\":\"\(Int.random(in: range, using: &random))us\"}}"
        }
        var elements: [String] = []
        if Bool.random(using: &random) { elements.append(timeout(5...40, &random)) }
        if Bool.random(using: &random) { elements.append(retry(&random)) }
        if Int.random(in: 0...2, using: &random) == 0 {
            let budget = ["null", "{\"ratio\":1,\"minimumPerSecond\":0}"].randomElement(using: &random)!
            let after = Int.random(in: 0...6, using: &random) * 1000 + 137
            elements.append(
                "{\"hedge\":{\"after\":\"\(after)ns\",\"maxExtra\":\(Int.random(in: 1...3, using: &random)),\"budget\":\(budget)}}")
        }
        if Int.random(in: 0...2, using: &random) == 0 { elements.append(timeout(3...30, &random)) }
        elements.append(#"{"circuitBreaker":{}},{"bulkhead":{"maxConcurrent":50}}"#)
        if Int.random(in: 0...3, using: &random) == 0 { elements.append(retry(&random)) }
        elements.append(timeout(1...9, &random))
        return try pipelineDocument(elements.joined(separator: ",")).policies[0]
    }

    @Test("Attempts, end and error of a call are as reckoned", arguments: 1...30 as ClosedRange<UInt64>)
    func calls(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        for _ in 0..<10 {
            let policy = try Self.policy(&random)
            let after = Int64.random(in: 0...9, using: &random) * 1000 + 1
            let isIdempotent = Int.random(in: 0...4, using: &random) > 0
            let services: [CallSimulation.Service] = [
                .hangs, .fails(SampleError(code: .unavailable), after: after), .answers(after: after),
            ]
            let service = services.randomElement(using: &random)!
            var simulation = CallSimulation(policy, service, isIdempotent: isIdempotent)
            let said = simulation.run()
            let record = try Self.really(policy, service, isIdempotent: isIdempotent)
            let starts = said.spans.compactMap { span in
                if case .attempt = span.kind { span.start.nanoseconds } else { nil }
            }
            if starts != record.starts || said.end?.nanoseconds != record.end || (said.error.map { "\($0)" } ?? "") != record.error {
                Issue.record(
                    """
                    seed \(seed): \(service), idempotent \(isIdempotent)
                    said   \(starts), \(String(describing: said.end)), \(String(describing: said.error))
                    really \(record)
                    \(policy.model())
                    """)
            }
            let longest = policy.model().longestNanoseconds
            #expect(record.end ?? 0 <= longest ?? .max)
        }
    }

    @Test("With jitter the longest and the shortest waits are the ends of what can be drawn", arguments: 1...20 as ClosedRange<UInt64>)
    func jitter(seed: UInt64) throws {
        let policy = try pipelineDocument(
            """
            {"timeout":{"after":"700ms"}},{"retry":{"maxAttempts":5,"backoff":{"exponential":{"base":"20ms","max":"90ms"},"jitter":"equal"}}},
            {"timeout":{"after":"100ms"}}
            """
        ).policies[0]
        var (longest, shortest) = (
            CallSimulation(policy, .hangs, isIdempotent: true), CallSimulation(policy, .hangs, isIdempotent: true, draw: .shortest)
        )
        let (most, least) = (longest.run(), shortest.run())
        let world = VirtualTime()
        let pipeline = policy.model(PolicyOptions(timeSource: world.timeSource, random: RandomSource(seed: seed)))
        let starts = Locked<[Duration]>([])
        try world.run {
            _ = try? await pipeline.run { _ in
                starts.withLock { $0.append(.nanoseconds(world.now().nanoseconds)) }
                try await world.timeSource.sleep(for: .seconds(3600))
            }
        }
        let real = starts.withLock { $0 }
        for (number, start) in real.enumerated() {
            #expect(start >= least.start(of: number + 1) ?? .zero && start <= most.start(of: number + 1) ?? .seconds(1))
        }
        #expect(real.count >= most.attempts && real.count <= least.attempts)
    }

    @Test("A quantile that nobody has measured yet hedges nothing; without any limit a hang never ends")
    func unlimited() throws {
        let policy = try pipelineDocument(#"{"hedge":{"after":{"quantile":0.95}}}"#).policies[0]
        var simulation = CallSimulation(policy, .hangs, isIdempotent: true)
        let timeline = simulation.run()
        #expect(timeline.attempts == 1 && timeline.end == nil && timeline.error == nil)
    }
}

extension CallTimeline {
    fileprivate func start(of attempt: Int) -> Duration? {
        spans.first { $0.kind == .attempt(attempt) }?.start
    }
}
