import Foundation
import Holdfast
import HoldfastChaos
import HoldfastPolicyFiles
import Testing

@Suite("Scenarios of Swift code")
struct ChaosScenarioTests {
    private static func json(
        faults: String, assertions: String, service: String = "", time: String = "virtual", seconds: Int = 10, rate: Int = 100
    ) -> String {
        """
        { "version": 1, "name": "code", "seed": 3, "time": "\(time)",
          "services": [ { "name": "db", "kind": "code"\(service) } ],
          "variants": [ { "name": "only" } ],
          "load": [ { "name": "users", "deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "run", "rps": \(rate) } ] } } } ],
          "phases": [ { "name": "run", "for": "\(seconds)s" }, { "name": "after", "for": "\(seconds)s" } ],
          "faults": [ \(faults) ], "assertions": [ \(assertions) ] }
        """
    }

    private static let down =
        #"{ "id": "down", "kind": "rpc.error", "target": { "service": "db" }, "from": "run", "for": "5s", "select": { "per": "attempt", "probability": 1 }, "with": { "status": "UNAVAILABLE" } }"#

    @Test("A closure is called as the load says, and its dependency breaks as the faults say")
    func closure() async throws {
        let scenario = try ChaosScenario(
            json: Self.json(
                faults: Self.down,
                assertions: #"""
                    { "id": "half", "role": "during", "phase": "run", "metric": "successRatio", "is": { "<=": 0.5 } },
                    { "id": "again", "role": "after", "metric": "successRatio", "phase": "after", "is": { ">=": 1 } },
                    { "id": "undone", "role": "after", "invariant": "allFaultsUndone" }
                    """#))
        let indices = Locked<[Int]>([])
        let report = try await scenario.run { _ in
            { call in
                try await call.attempt(of: "db") { indices.withLock { $0.append(call.index) } }
            }
        }
        #expect(report.passed, "\(report)")
        #expect(report.hits(of: "down", variant: "only") == 500)
        #expect(indices.withLock { $0 } == Array(500..<2000), "what is hit is not done")
        #expect(report.metric("successRatio", variant: "only", load: "users", phase: "run") == 0.5)
        #expect(try report.html().contains("<svg"))
    }

    @Test("A breaker around the closure opens and closes, its story is told, and fallbacks count as such")
    func breaker() async throws {
        let scenario = try ChaosScenario(
            json: Self.json(
                faults: Self.down,
                assertions: #"""
                    { "id": "answered", "role": "after", "metric": "answeredRatio", "is": { ">=": 1 } },
                    { "id": "few", "role": "during", "phase": "run", "metric": "attemptsPerCall", "is": { "<=": 0.6 } },
                    { "id": "story", "role": "after", "breaker": "db", "timeline": [ { "state": "open", "within": "1s", "after": "run" }, { "state": "closed", "within": "8s", "after": "run + 5s" } ] }
                    """#))
        let report = try await scenario.run { context in
            let breaker = CircuitBreaker(
                "db", try .init(window: .count(20), open: .init(for: .seconds(1))), timeSource: context.timeSource,
                random: context.random)
            context.observe(breaker)
            return { call in
                do {
                    try await breaker.run { try await call.attempt(of: "db") {} }
                } catch {
                    call.answeredByFallback("default")
                }
            }
        }
        #expect(report.passed, "\(report)")
    }

    @Test("A hang ends at the deadline; capacity and the way there take their time; a killed service refuses")
    func faults() async throws {
        let scenario = try ChaosScenario(
            json: Self.json(
                faults: #"""
                    { "id": "hang", "kind": "rpc.hang", "target": { "service": "db" }, "from": "run", "for": "1s", "select": { "per": "attempt", "probability": 1 } },
                    { "id": "dead", "kind": "proc.kill", "target": { "service": "db" }, "from": "run + 2s", "for": "1s" },
                    { "id": "slow", "kind": "svc.capacity", "target": { "service": "db" }, "from": "after", "for": "10s", "with": { "share": 0.5 } }
                    """#,
                assertions: #"""
                    { "id": "slow", "role": "after", "phase": "after", "metric": "latency.p50", "is": { ">=": "14ms" } },
                    { "id": "ok", "role": "after", "phase": "after", "metric": "successRatio", "is": { ">=": 1 } },
                    { "id": "some", "role": "after", "phase": "run", "metric": "successRatio", "is": { "<=": 0.8 } }
                    """#,
                service: #", "serviceTime": "5ms", "network": "2ms""#))
        let report = try await scenario.run { _ in { call in try await call.attempt(of: "db") {} } }
        #expect(report.passed, "\(report)")
        #expect(report.metric("successRatio", variant: "only", load: "users", phase: "run") == 0.8)
    }

    @Test("The same seed is the same run; another is another")
    func seeds() async throws {
        let fault = Self.down.replacing(#""probability": 1"#, with: #""probability": 0.3"#)
        let scenario = try ChaosScenario(
            json: Self.json(faults: fault, assertions: #"{ "id": "a", "role": "after", "metric": "successRatio", "is": { ">=": 0 } }"#))
        func hits(_ seed: UInt64) async throws -> Int? {
            try await scenario.run(seed: seed) { _ in { call in try await call.attempt(of: "db") {} } }.hits(of: "down", variant: "only")
        }
        let (one, again, other) = (try await hits(1), try await hits(1), try await hits(2))
        #expect(one == again && one != other)
    }

    @Test("A closed loop whose calls take no time ends when it is told to", .timeLimit(.minutes(5)))
    func interruptedLoop() async throws {
        // Who ends the run needs a thread as well, and the loop goes on until it has one.
        try await Self.awaitCalm()
        let loop = Self.json(faults: "", assertions: #"{ "id": "t", "role": "after", "invariant": "noWrongData" }"#, seconds: 1800)
            .replacing(#""constant": { "rate": [ { "at": "run", "rps": 100 } ] }"#, with: #""closed": { "concurrency": 10 }"#)
        let scenario = try ChaosScenario(json: loop)
        let running = Locked(Task<ChaosReport, any Error>?.none)
        let task = Task {
            try await scenario.run { _ in { call in if call.index >= 1000 { running.withLock { $0 }?.cancel() } } }
        }
        running.withLock { $0 = task }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// Other tests compute for seconds on the few threads that a run in real time needs too: waits until they leave it some.
    private static func awaitCalm() async throws {
        var row = 0
        while row < 20 {
            let start = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(50), tolerance: .zero)
            row = ContinuousClock.now - start < .milliseconds(150) ? row + 1 : 0
        }
    }

    @Test("In real time the same scenario runs on the machine's clock", .timeLimit(.minutes(5)))
    func realTime() async throws {
        try await Self.awaitCalm()
        let fault = Self.down.replacing(#""for": "5s""#, with: #""for": "4s""#)
        let scenario = try ChaosScenario(
            json: Self.json(
                faults: fault, assertions: #"{ "id": "whole", "role": "after", "invariant": "everyCallHasOneOutcome" }"#, time: "both",
                seconds: 2, rate: 50))
        let report = try await scenario.run(in: .real) { _ in { call in try await call.attempt(of: "db") {} } }
        #expect(report.passed, "\(report)")
        #expect(report.hits(of: "down", variant: "only").map { $0 > 0 } == true)
    }

    @Test("What cannot be run says why")
    func refusals() async throws {
        let real = try ChaosScenario(
            json: Self.json(faults: "", assertions: #"{ "id": "t", "role": "after", "invariant": "noWrongData" }"#))
        await #expect { _ = try await real.run(in: .real) { _ in { _ in } } } throws: { "\($0)".contains(#"write "both""#) }
        let partial = Self.down.replacing("rpc.error", with: "rpc.garble").replacing(#", "with": { "status": "UNAVAILABLE" }"#, with: "")
        let error = #expect(throws: DocumentError.self) {
            try ChaosScenario(json: Self.json(faults: partial, assertions: #"{ "id": "t", "role": "after", "invariant": "noWrongData" }"#))
        }
        #expect(error?.diagnostics.first?.message.contains("is code") == true)
        let reloaded = Self.json(faults: "", assertions: #"{ "id": "t", "role": "after", "invariant": "noWrongData" }"#)
            .replacing(#""only""#, with: #""only", "reload": [ { "at": "run + 1s", "policies": "other.json" } ]"#)
        let nothingToReload = #expect(throws: DocumentError.self) { try ChaosScenario(json: reloaded) }
        #expect(nothingToReload?.diagnostics.contains { $0.message.contains(#"the variant has no "policies""#) } == true)
        struct Broken: Error {}
        await #expect(throws: Broken.self) { _ = try await real.run { _ in throw Broken() } }
    }
}
