import Testing

@testable import HoldfastChaos

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What queueing theory says exactly, out of services in virtual time. All tolerances are three standard deviations or more.
@Suite("Waiting times and losses are those of queueing theory")
struct QueueingTheoryTests {
    /// A run whose callers wait for as long as it takes, unless they have less time.
    private static func run(
        _ service: String, callsPerSecond: Int, deadline: String = "10m", seconds: Int = 600
    ) async throws -> PhaseResult {
        var text = VirtualRuns.Text()
        text.service = service
        text.load = #"""
            "deadline": "\#(deadline)", "maxOutstanding": 100000, "arrival": { "poisson": { "rate": [ { "at": "warmup", "rps": \#(callsPerSecond) } ] } }
            """#
        text.phases = #"{ "name": "warmup", "for": "10s", "measure": false }, { "name": "run", "for": "\#(seconds)s" }"#
        text.assertions = #"{ "id": "one", "role": "after", "invariant": "everyCallHasOneOutcome" }"#
        let result = try await VirtualRuns.run(text).result
        return try #require(result.variants[0].loads[0].phases.last)
    }

    private static func isNear(_ observed: Double?, _ expected: Double, within share: Double) -> Bool {
        observed.map { abs($0 - expected) <= share * expected } ?? false
    }

    @Test("M/M/1: the time in the system is exponential, with the mean 1/(μ − λ)", arguments: [35])
    func oneWorker(callsPerSecond: Int) async throws {
        let phase = try await Self.run(
            #""workers": 1, "serviceTime": { "exponential": { "mean": "20ms" } }"#, callsPerSecond: callsPerSecond)
        let mean = 1000 / (50 - Double(callsPerSecond))
        #expect(Self.isNear(phase.metrics["latency.mean"], mean, within: 0.08), "\(phase.metrics)")
        #expect(Self.isNear(phase.metrics["latency.p50"], mean * log(2), within: 0.08), "\(phase.metrics)")
        #expect(Self.isNear(phase.metrics["latency.p99"], mean * log(100), within: 0.15), "\(phase.metrics)")
    }

    @Test("M/M/c: how many wait is Erlang's C")
    func severalWorkers() async throws {
        let (workers, offered) = (4, 3.0)
        let phase = try await Self.run(#""workers": 4, "serviceTime": { "exponential": { "mean": "60ms" } }"#, callsPerSecond: 50)
        let blocking = Self.erlangB(workers, offered)
        let waiting = blocking / (1 - offered / Double(workers) * (1 - blocking))
        let mean = 60 + waiting * 60 / (Double(workers) - offered)
        #expect(Self.isNear(phase.metrics["latency.mean"], mean, within: 0.06), "\(phase.metrics), expected \(mean)")
    }

    /// The formula of Pollaczek and Khinchine: the wait is λE[S²]/(2(1 − ρ)).
    @Test(
        "M/G/1: the wait grows with the variance of the work",
        arguments: [
            (#""20ms""#, 0.0004),
            (#"{ "uniform": { "from": "0s", "to": "40ms" } }"#, 0.0016 / 3),
            (#"{ "mixture": [ { "share": 0.9, "time": "10ms" }, { "share": 0.1, "time": "110ms" } ] }"#, 0.00009 + 0.00121),
        ])
    func variance(time: String, secondMoment: Double) async throws {
        let phase = try await Self.run(#""workers": 1, "serviceTime": \#(time)"#, callsPerSecond: 30)
        let mean = 20 + 1000 * 30 * secondMoment / (2 * (1 - 0.6))
        #expect(Self.isNear(phase.metrics["latency.mean"], mean, within: 0.08), "\(phase.metrics), expected \(mean)")
    }

    @Test("M/M/1: who is served first changes nobody's mean, only the spread")
    func order() async throws {
        func service(_ order: String) -> String {
            #""workers": 1, "serviceTime": { "exponential": { "mean": "20ms" } }, "queue": { "order": "\#(order)" }"#
        }
        let fifo = try await Self.run(service("fifo"), callsPerSecond: 35)
        let lifo = try await Self.run(service("lifo"), callsPerSecond: 35)
        let (first, second) = (try #require(fifo.metrics["latency.mean"]), try #require(lifo.metrics["latency.mean"]))
        #expect(Self.isNear(second, first, within: 0.05), "\(first) and \(second)")
        let (tail, otherTail) = (try #require(fifo.metrics["latency.p99"]), try #require(lifo.metrics["latency.p99"]))
        #expect(otherTail > 1.3 * tail, "\(tail) and \(otherTail)")
    }

    /// Capacity 100, offered 120, and callers who wait for half a second; the service works on for those who have gone.
    @Test("Overloaded, first come first served answers nobody in time; last come first served all that it can")
    func overload() async throws {
        func goodput(_ order: String) async throws -> Double {
            let phase = try await Self.run(
                #"""
                "workers": 1, "serviceTime": { "exponential": { "mean": "10ms" } }, "abandoned": "served", "queue": { "order": "\#(order)", "limit": 1000 }
                """#, callsPerSecond: 120, deadline: "500ms", seconds: 60)
            return try #require(phase.metrics["goodputRatio"]) * Double(phase.calls) / 60
        }
        let (fifo, lifo) = (try await goodput("fifo"), try await goodput("lifo"))
        #expect(fifo < 5, "\(fifo) a second")
        #expect((85...100).contains(lifo), "\(lifo) a second")
    }

    @Test(
        "M/G/c/c: the share that is lost is Erlang's B, whatever the work is like",
        arguments: [#""100ms""#, #"{ "exponential": { "mean": "100ms" } }"#])
    func losses(time: String) async throws {
        let phase = try await Self.run(#""workers": 5, "serviceTime": \#(time), "queue": { "limit": 0 }"#, callsPerSecond: 40)
        let lost = Double(phase.outcomes["error"] ?? 0) / Double(phase.calls)
        #expect(abs(lost - Self.erlangB(5, 4)) <= 0.01, "\(lost), expected \(Self.erlangB(5, 4))")
        #expect(phase.details == ["error RESOURCE_EXHAUSTED": phase.outcomes["error"] ?? 0])
    }

    /// The share of calls that find all workers busy where nobody waits.
    private static func erlangB(_ workers: Int, _ offered: Double) -> Double {
        (1...workers).reduce(1.0) { blocking, worker in offered * blocking / (Double(worker) + offered * blocking) }
    }
}
