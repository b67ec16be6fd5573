import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Runs in virtual time")
struct VirtualRunTests {
    private static func fault(_ kind: String, _ rest: String, for duration: String = "10s") -> String {
        #"{ "id": "it", "kind": "\#(kind)", "target": { "service": "say" }, "from": "run", "for": "\#(duration)", \#(rest) }"#
    }

    private static let always = #""select": { "per": "attempt", "probability": 1 }"#

    @Test("The same seed gives the same journal, byte for byte, and another seed another one")
    func deterministic() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 4, "serviceTime": { "lognormal": { "median": "20ms", "sigma": 0.7 } }"#
        text.load = #""deadline": "200ms", "arrival": { "poisson": { "rate": [ { "at": "run", "rps": 150 } ] } }, "clients": 3"#
        text.faults = Self.fault("rpc.error", #""select": { "per": "attempt", "probability": 0.3 }, "with": { "status": "UNAVAILABLE" }"#)
        text.pipeline = #"""
            { "retry": { "maxAttempts": 3 } }, { "circuitBreaker": { "window": { "count": 50 } } }, { "timeout": { "after": "80ms" } }
            """#
        let first = try await VirtualRuns.run(text)
        let second = try await VirtualRuns.run(text)
        #expect(first.journal == second.journal)
        text.seed = 2
        let other = try await VirtualRuns.run(text)
        #expect(other.journal != first.journal)
    }

    @Test("Latency is the way there, the work and the way back, to the microsecond")
    func latency() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "20ms" }, "network": "5ms""#
        let result = try await VirtualRuns.run(text).result
        // The histogram tells times apart to a thousandth, and rounds up.
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.p50"].map { abs($0 - 30) <= 0.03 } == true)
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.max"].map { abs($0 - 30) <= 0.03 } == true)
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.mean"] == 30)
    }

    @Test("A fault hits exactly the attempts whose draws say so")
    func draws() async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("rpc.error", #""select": { "per": "attempt", "probability": 0.3 }, "with": { "status": "INTERNAL" }"#)
        let result = try await VirtualRuns.run(text).result
        let expected = (0..<1000).count {
            FaultDraw.uniform(seed: 1, key: "id it", load: "users", callIndex: $0, attempt: 1) < 0.3
        }
        #expect(VirtualRuns.outcomes(result) == ["success": 1000 - expected, "error": expected])
        #expect(result.variants[0].faults[0].hits == expected)
    }

    @Test("Each hit stands in the journal, at its time and with its ids")
    func decisionLines() async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("rpc.error", #""select": { "per": "attempt", "every": 250 }, "with": { "status": "INTERNAL" }"#)
        let lines = try await VirtualRuns.run(text).journal.split(separator: "\n").map(String.init).filter { $0.contains("decision") }
        let expected = [(2.49, 249), (4.99, 499), (7.49, 749), (9.99, 999)].map { at, call in
            #"{"at":\#(at),"attempt":1,"call":\#(call),"event":"decision","fault":"it","load":"users","service":"say","#
                + #""what":"answered INTERNAL"}"#
        }
        #expect(lines == expected)
    }

    @Test("A hang ends at the deadline, no sooner and no later")
    func hang() async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("rpc.hang", Self.always)
        let result = try await VirtualRuns.run(text).result
        let phase = result.variants[0].loads[0].phases[0]
        #expect(phase.outcomes == ["timeout": 1000])
        #expect(phase.metrics["latency.failed.p50"].map { abs($0 - 1000) <= 1 } == true)
        #expect(phase.metrics["latency.failed.max"].map { abs($0 - 1000) <= 1 } == true)
    }

    @Test(
        "A write that hangs has no known end, whoever ends it: a policy, or the connection where no route covers it",
        arguments: ["*", "echoserver.EchoService/*"])
    func hungWrite(route: String) async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("rpc.hang", Self.always)
        text.isIdempotent = false
        text.route = route
        let result = try await VirtualRuns.run(text).result
        let phase = result.variants[0].loads[0].phases[0]
        #expect(phase.outcomes == ["indeterminate": 1000] && phase.metrics["successRatio"] == 0)
        // It ended all the same, and is among what the pages and the journal tell.
        #expect(result.variants[0].loads[0].seconds.allSatisfy { $0.outcomes == ["indeterminate": 100] })
        #expect(phase.metrics["latency.failed.max"].map { abs($0 - 1000) <= 1 } == true)
    }

    @Test("Added latency costs no worker: one worker serves what ten times as many wait for")
    func addedLatency() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 1, "serviceTime": { "constant": "1ms" }"#
        text.faults = Self.fault("rpc.latency", #"\#(Self.always), "with": { "delay": "100ms" }"#)
        let result = try await VirtualRuns.run(text).result
        #expect(VirtualRuns.outcomes(result) == ["success": 1000])
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.max"].map { abs($0 - 101) <= 0.11 } == true)
    }

    @Test("A call that is held up and fails, fails later: each of two faults has its share", arguments: ["true", "false"])
    func slowFailures(cancellable: String) async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "20ms" }"#
        let rest = #""target": { "service": "say" }, "from": "run", "for": "10s""#
        text.faults = #"""
            { "id": "slow", "kind": "rpc.latency", \#(rest), "select": { "per": "attempt", "probability": 1 },
              "with": { "delay": "100ms", "cancellable": \#(cancellable) } },
            { "id": "half", "kind": "rpc.error", \#(rest), "select": { "per": "attempt", "every": 2 }, "with": { "status": "INTERNAL" } }
            """#
        let result = try await VirtualRuns.run(text).result
        let phase = result.variants[0].loads[0].phases[0]
        #expect(phase.outcomes == ["success": 500, "error": 500] && result.variants[0].faults.map(\.hits) == [1000, 500])
        #expect(phase.metrics["latency.failed.max"].map { abs($0 - 100) <= 0.11 } == true)
        #expect(phase.metrics["latency.max"].map { abs($0 - 120) <= 0.13 } == true)
    }

    @Test("Latency that cannot be cancelled has its work done after the callers have gone, and takes the workers' time from others")
    func uncancellableLatency() async throws {
        var outcomes: [String: [String: Int]] = [:]
        for cancellable in ["true", "false"] {
            var text = VirtualRuns.Text()
            // One worker has time for those who stay, and not for all.
            text.service = #""workers": 1, "serviceTime": { "constant": "15ms" }"#
            text.load = #""deadline": "50ms", "arrival": { "constant": { "rate": [ { "at": "run", "rps": 100 } ] } }"#
            text.faults = Self.fault(
                "rpc.latency",
                #""select": { "per": "attempt", "every": 2 }, "with": { "delay": "100ms", "cancellable": \#(cancellable) }"#)
            outcomes[cancellable] = VirtualRuns.outcomes(try await VirtualRuns.run(text).result)
        }
        #expect(outcomes["true"] == ["success": 500, "timeout": 500])
        let served = try #require(outcomes["false"]?["success"])
        #expect(served < 500, "the worker is busy with those who have gone")
    }

    @Test(
        "What becomes of an answer is the same as in a process",
        arguments: [
            (#""kind": "rpc.partial""#, "error INTERNAL"), (#""kind": "rpc.partial", "with": { "messages": 1 }"#, "error UNKNOWN"),
            (#""kind": "rpc.garble""#, "error INTERNAL"),
            (#""kind": "rpc.error", "with": { "status": "ABORTED", "when": "afterWork" }"#, "error ABORTED"),
        ])
    func answers(fault: String, detail: String) async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "20ms" }"#
        text.faults = #"{ "id": "it", "target": { "service": "say" }, "from": "run", "for": "10s", \#(fault), \#(Self.always) }"#
        let phase = try await VirtualRuns.run(text).result.variants[0].loads[0].phases[0]
        #expect(phase.details == [detail: 1000])
        // The work is done all the same.
        #expect(phase.metrics["latency.failed.p50"].map { abs($0 - 20) <= 0.02 } == true)
    }

    @Test("Wrong data is a success that breaks the invariant")
    func wrongData() async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("rpc.wrongData", #""select": { "per": "attempt", "nth": 5 }"#)
        text.assertions = #"{ "id": "truth", "role": "after", "invariant": "noWrongData" }"#
        let result = try await VirtualRuns.run(text).result
        #expect(VirtualRuns.outcomes(result) == ["success": 1000])
        #expect(result.verdict == .failed && result.variants[0].faults[0].hits == 1)
    }

    @Test("A slow stream holds the answer up, and no worker")
    func slowStream() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 1, "serviceTime": { "constant": "1ms" }"#
        text.faults = Self.fault("rpc.slowStream", #"\#(Self.always), "with": { "pause": "100ms" }"#)
        let result = try await VirtualRuns.run(text).result
        #expect(result.variants[0].loads[0].phases[0].metrics["latency.max"].map { abs($0 - 101) <= 0.11 } == true)
    }

    @Test("Held memory is counted, and nothing to the callers")
    func memory() async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("svc.memory", #""with": { "mebibytes": 64 }"#)
        let result = try await VirtualRuns.run(text).result
        #expect(VirtualRuns.outcomes(result) == ["success": 1000] && result.variants[0].faults[0].hits == 1)
    }

    @Test(
        "Faults of probability 0 leave the journal as it is without them, but for their own lines",
        arguments: ["partial", "garble", "wrongData", "hang"])
    func never(kind: String) async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 2, "serviceTime": { "lognormal": { "median": "8ms", "sigma": 0.5 } }"#
        let plain = try await VirtualRuns.run(text).journal
        text.faults = Self.fault("rpc.\(kind)", #""select": { "per": "attempt", "probability": 0 }"#)
        let lines = try await VirtualRuns.run(text).journal.split(separator: "\n").filter { !$0.contains("\"event\":\"fault") }
        #expect(lines.filter { !$0.contains("verdict") } == plain.split(separator: "\n").filter { !$0.contains("verdict") })
    }

    @Test("Lost capacity makes workers slower by its share, and no more once it is given back")
    func capacity() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 1, "serviceTime": { "constant": "4ms" }"#
        text.phases = #"{ "name": "run", "for": "5s" }, { "name": "after", "for": "5s" }"#
        text.faults = Self.fault("svc.capacity", #""with": { "share": 0.5 }"#, for: "5s")
        let phases = try await VirtualRuns.run(text).result.variants[0].loads[0].phases
        #expect(phases[0].metrics["latency.max"].map { abs($0 - 8) <= 0.01 } == true)
        #expect(phases[1].metrics["latency.max"].map { abs($0 - 4) <= 0.01 } == true)
    }

    @Test("A killed service refuses calls and loses those it works on, and serves again when the fault ends")
    func kill() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "25ms" }"#
        text.phases = #"{ "name": "before", "for": "5s" }, { "name": "run", "for": "5s" }, { "name": "after", "for": "5s" }"#
        text.load = #""deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "before", "rps": 100 } ] } }"#
        text.faults = Self.fault("proc.kill", #""with": { "signal": "KILL" }"#, for: "5s")
        text.assertions = #"""
            { "id": "undone", "role": "after", "invariant": "allFaultsUndone" },
            { "id": "leaks", "role": "after", "invariant": "nothingLeaked" }
            """#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed)
        let phases = result.variants[0].loads[0].phases
        // Of the calls before the kill those of the last 25 ms, at 4.98 and 4.99 s, were still worked on.
        #expect(phases[0].outcomes == ["success": 498, "error": 2])
        #expect(phases[1].details == ["error UNAVAILABLE": 500])
        // As of a process: nobody opens a stream to one that refuses connections.
        #expect(phases.map { $0.metrics["attemptsPerCall"] } == [1, 0, 1])
        #expect(phases[2].outcomes == ["success": 500])
    }

    @Test(
        "What is on its way to a service that is killed is lost, even if the service is up again when it comes", arguments: ["2s", "10ms"])
    func killedOnTheWay(downtime: String) async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": "1ms", "network": "25ms""#
        text.phases = #"{ "name": "before", "for": "5s" }, { "name": "run", "for": "2s" }, { "name": "after", "for": "5s" }"#
        text.load = #""deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "before", "rps": 100 } ] } }"#
        text.faults = Self.fault("proc.kill", #""with": { "signal": "KILL" }"#, for: downtime)
        // A write is not sent again, unless it never left.
        text.isIdempotent = false
        text.pipeline = #"{ "retry": { "maxAttempts": 2 } }"#
        let phases = try await VirtualRuns.run(text).result.variants[0].loads[0].phases
        // Sent at 4.98 and 4.99 s.
        #expect(phases[0].outcomes == ["success": 498, "error": 2] && phases[0].details == ["error UNAVAILABLE": 2])
        #expect(phases[0].metrics["attemptsPerCall"] == 1)
    }

    @Test("A write that a service refuses to connect for is tried again, since it never left")
    func refusedWrite() async throws {
        var text = VirtualRuns.Text()
        text.faults = Self.fault("proc.kill", #""with": { "signal": "KILL" }"#, for: "1s")
        text.isIdempotent = false
        text.load = #""deadline": "2s", "arrival": { "constant": { "rate": [ { "at": "run", "rps": 100 } ] } }"#
        text.pipeline = #"""
            { "retry": { "maxAttempts": 20, "budget": null, "backoff": { "constant": { "delay": "100ms" }, "jitter": "none" } } }
            """#
        let result = try await VirtualRuns.run(text).result
        #expect(VirtualRuns.outcomes(result) == ["success": 1000])
        #expect(result.variants[0].loads[0].phases[0].metrics["attemptsPerCall"] == 1)
    }

    @Test("That a fault is undone stands in the journal when a probe has found it so, and no sooner", arguments: [true, false])
    func undone(isWell: Bool) async throws {
        var text = VirtualRuns.Text()
        text.phases = #"{ "name": "run", "for": "5s" }, { "name": "after", "for": "5s" }"#
        // A service whose line holds nobody answers no probe while its only worker is busy, which here is for ever.
        text.service = #""workers": 1"#
        if !isWell { text.service += #", "serviceTime": "24h", "queue": { "limit": 0 }, "abandoned": "served""# }
        text.faults = Self.fault("rpc.error", #""select": { "per": "attempt", "nth": 5 }, "with": { "status": "INTERNAL" }"#, for: "5s")
        let lines = try await VirtualRuns.run(text).journal.split(separator: "\n").map(String.init)
        let told = lines.filter { $0.contains(#""event":"fault"#) }
        let expected = [
            #"{"at":0,"event":"faultStarted","fault":"it"}"#, #"{"at":5,"event":"faultEnded","fault":"it","hits":1}"#,
            #"{"at":10,"event":"faultProbed","fault":"it","isUndone":\#(isWell)}"#,
        ]
        #expect(told == expected)
    }

    @Test("A stopped service answers nobody until it goes on, and then everybody who still waits")
    func stop() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "5ms" }, "workers": 1000"#
        text.phases = #"{ "name": "before", "for": "5s" }, { "name": "run", "for": "2s" }, { "name": "after", "for": "5s" }"#
        text.load = #""deadline": "1s", "arrival": { "constant": { "rate": [ { "at": "before", "rps": 100 } ] } }"#
        text.faults = Self.fault("proc.stop", "", for: "2s").replacing(",  }", with: " }")
        text.assertions = #"{ "id": "undone", "role": "after", "invariant": "allFaultsUndone" }"#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed, "\(result.variants[0].verdict.sentence)")
        let phases = result.variants[0].loads[0].phases
        // The call at 5 s comes with the stop; those of the first second have given up when it ends, at 7 s, the others wait for it.
        #expect(phases[0].outcomes == ["success": 500])
        #expect(phases[1].outcomes == ["timeout": 101, "success": 99])
        #expect(phases[2].outcomes == ["success": 500] && phases[2].metrics["latency.max"].map { $0 < 5.1 } == true)
        #expect(result.variants[0].faults[0].hits == 1)
    }

    @Test("Work that a stop interrupts is done when the service goes on")
    func stoppedWork() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "100ms" }"#
        text.phases = #"{ "name": "before", "for": "1050ms" }, { "name": "run", "for": "1s" }, { "name": "after", "for": "1s" }"#
        text.load = #""deadline": "5s", "arrival": { "constant": { "rate": [ { "at": "before", "rps": 1 } ] } }"#
        text.faults = Self.fault("proc.stop", "", for: "1s").replacing(",  }", with: " }")
        let phases = try await VirtualRuns.run(text).result.variants[0].loads[0].phases
        // Begun at 1 s, due at 1.1 s, done at 2.05 s. What comes at 2 s waits for 50 ms and takes 100 ms.
        #expect(phases[0].metrics["latency.max"].map { abs($0 - 1050) <= 1.1 } == true)
        #expect(phases[1].metrics["latency.max"].map { abs($0 - 150) <= 0.2 } == true)
    }

    @Test("A service that is restarted again and again loses the calls under way each time, and no others")
    func restart() async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": { "constant": "25ms" }"#
        text.faults = Self.fault("proc.restart", #""with": { "every": "2s" }"#, for: "9s")
        text.assertions = #"{ "id": "undone", "role": "after", "invariant": "allFaultsUndone" }"#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed)
        // At 0, 2, 4, 6 and 8 s; at the first nothing is under way, at the others the calls of the last 25 ms.
        #expect(result.variants[0].faults[0].hits == 5)
        #expect(VirtualRuns.outcomes(result) == ["success": 992, "error": 8])
    }

    @Test("Of two faults that want a service down or stopped each holds until it ends itself")
    func overlapping() async throws {
        var text = VirtualRuns.Text()
        func fault(_ id: String, _ kind: String, _ from: String, _ duration: String) -> String {
            #"{ "id": "\#(id)", "kind": "\#(kind)", "target": { "service": "say" }, "from": "\#(from)", "for": "\#(duration)" }"#
        }
        text.phases =
            #"{ "name": "run", "for": "2s" }, { "name": "down", "for": "2s" }, { "name": "still", "for": "2s" }, { "name": "up", "for": "2s" }"#
        text.faults = [fault("kill", "proc.kill", "run", "4s"), fault("stop", "proc.stop", "down", "4s")].joined(separator: ", ")
        text.assertions = #"{ "id": "answered", "role": "during", "phase": "up", "metric": "successRatio", "is": { ">=": 1 } }"#
        let result = try await VirtualRuns.run(text).result
        let phases = result.variants[0].loads[0].phases
        #expect(phases[0].outcomes == ["error": 200] && phases[1].outcomes == ["error": 200])
        // The call at 5 s gives up at the moment at which the service goes on.
        let timeouts = phases[2].outcomes["timeout"] ?? 0
        #expect((100...101).contains(timeouts) && phases[2].outcomes["success"] == 200 - timeouts, "\(phases[2].outcomes)")
        #expect(phases[3].outcomes == ["success": 200])
        // A process that is down cannot be stopped; it is as soon as it is up.
        #expect(result.verdict == .passed && result.variants[0].faults.map(\.hits) == [1, 1])
    }

    @Test("A full line refuses: of calls that come at ten times the capacity, a tenth is served, and as many as waited in the end")
    func queue() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 1, "serviceTime": { "constant": "100ms" }, "queue": { "limit": 3 }"#
        let phase = try await VirtualRuns.run(text).result.variants[0].loads[0].phases[0]
        #expect(phase.outcomes["success"] == 103)
        #expect(phase.details == ["error RESOURCE_EXHAUSTED": 897])
    }

    @Test("What a service had to do is told second by second, and its longest line is a metric")
    func occupancy() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 2, "serviceTime": { "constant": "95ms" }"#
        // Twenty-one a second are what two workers can do; thirty for two seconds leave a line of about eighteen.
        text.phases = #"{ "name": "run", "for": "2s" }, { "name": "crowd", "for": "2s" }, { "name": "after", "for": "2s" }"#
        text.load = #"""
            "deadline": "10s", "arrival": { "constant": { "rate": [
              { "at": "run", "rps": 10 }, { "at": "crowd", "rps": 30 }, { "at": "after", "rps": 1 } ] } }
            """#
        text.assertions = #"{ "id": "line", "role": "during", "phase": "crowd", "metric": "queue.max", "is": { ">=": 15 } }"#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed, "\(result.variants[0].verdict.sentence)")
        let load = result.variants[0].loads[0]
        #expect(load.phases[0].metrics["queue.max"] == 0 && load.phases[1].metrics["queue.max"].map { (15...20).contains($0) } == true)
        #expect(load.seconds[0].busy == 1 && load.seconds[0].waiting == 0 && load.seconds[3].busy == 2)
        #expect(load.seconds.allSatisfy { $0.limit == nil } && load.phases[0].metrics["limit.value"] == nil)
    }

    @Test("The limit of an adaptive limiter is told second by second")
    func adaptiveLimit() async throws {
        var text = VirtualRuns.Text()
        text.pipeline = #"{ "adaptiveLimiter": { "aimd": {}, "initial": 17 } }"#
        text.assertions = #"{ "id": "limit", "role": "during", "phase": "run", "metric": "limit.value", "is": { ">=": 1 } }"#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed, "\(result.variants[0].assertions.map(\.sentence))")
        #expect(result.variants[0].loads[0].seconds.allSatisfy { ($0.limit ?? 0) >= 1 })
    }

    @Test("Of calls that are not idempotent none is worked on twice, unless a policy is wrong", arguments: [false, true])
    func atMostOnce(isWronglyIdempotent: Bool) async throws {
        var text = VirtualRuns.Text()
        // Half of the calls take longer than an attempt may, so that a retry finds the service at work on the first one.
        text.service = #""workers": 100, "serviceTime": { "uniform": { "from": "10ms", "to": "90ms" } }, "abandoned": "served""#
        text.pipeline = #"{ "retry": { "maxAttempts": 3 } }, { "timeout": { "after": "50ms" } }"#
        text.isIdempotent = isWronglyIdempotent
        text.assertions = #"{ "id": "once", "role": "after", "invariant": "atMostOnce" }"#
        let result = try await VirtualRuns.run(text).result
        let once = try #require(result.variants[0].assertions.first)
        #expect(once.passed == !isWronglyIdempotent, "\(once.sentence)")
        #expect(once.observed.contains(isWronglyIdempotent ? "every load is idempotent" : "each of 1000 calls was worked on once"))
    }

    @Test("A service that serves who is gone has less time for who is there than one that drops them")
    func abandoned() async throws {
        var answered: [String: Int] = [:]
        for rule in ["dropped", "served"] {
            var text = VirtualRuns.Text()
            // As many calls as one worker can serve, so that the line grows and callers give up.
            text.service = #""workers": 1, "serviceTime": { "exponential": { "mean": "50ms" } }, "abandoned": "\#(rule)""#
            text.load = #""deadline": "200ms", "arrival": { "poisson": { "rate": [ { "at": "run", "rps": 20 } ] } }"#
            text.phases = #"{ "name": "run", "for": "100s" }"#
            answered[rule] = VirtualRuns.outcomes(try await VirtualRuns.run(text).result)["success"]
        }
        let dropped = try #require(answered["dropped"])
        let served = try #require(answered["served"])
        #expect(Double(dropped) > 1.2 * Double(served), "\(answered)")
    }

    @Test("Users of a closed loop wait for their answers: so many at once, and as many calls as they have time for")
    func closedLoop() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 100, "serviceTime": "60ms""#
        text.load = #""deadline": "1s", "arrival": { "closed": { "concurrency": 10, "think": "40ms" } }"#
        text.assertions = #"""
            { "id": "one", "role": "after", "invariant": "everyCallHasOneOutcome" },
            { "id": "leaks", "role": "after", "invariant": "nothingLeaked" }
            """#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed)
        // Each of ten users makes a call every 100 ms for 10 s, the first within its first pause.
        #expect(VirtualRuns.outcomes(result) == ["success": 1000])
    }

    @Test(
        "Users whose calls take no time, and who do not think, call once a millisecond and go home at the end of the run",
        arguments: [
            ("", "success"), (#"{ "rateLimiter": { "fixedWindow": { "permits": 1, "per": "1h" }, "maxWait": "0ms" } }"#, "rejected"),
        ])
    func timelessRounds(pipeline: String, outcome: String) async throws {
        var text = VirtualRuns.Text()
        text.service = #""serviceTime": "0s""#
        text.phases = #"{ "name": "run", "for": "1s" }"#
        text.load = #""deadline": "1s", "arrival": { "closed": { "concurrency": 10 } }"#
        text.pipeline = pipeline
        let outcomes = VirtualRuns.outcomes(try await VirtualRuns.run(text).result)
        let passed = outcome == "success" ? 0 : 1
        #expect(outcomes[outcome] == 10_000 - passed && outcomes.values.reduce(0, +) == 10_000, "\(outcomes)")
    }

    @Test("A closed loop slows down with its service, and an open one does not")
    func coordinated() async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 100, "serviceTime": "100ms""#
        text.load = #""deadline": "1s", "arrival": { "closed": { "concurrency": 2 } }"#
        #expect(VirtualRuns.outcomes(try await VirtualRuns.run(text).result) == ["success": 200])
    }

    @Test("Connections that send late rather than never: what waits counts from when it was meant to start")
    func lateRatherThanNever() async throws {
        var text = VirtualRuns.Text()
        // One connection, 100 calls of 20 ms at 100 a second: the last waits for all the others.
        text.service = #""workers": 100, "serviceTime": "20ms""#
        text.phases = #"{ "name": "run", "for": "1s" }"#
        text.load = #"""
            "deadline": "10s", "arrival": { "constant": { "rate": [ { "at": "run", "rps": 100 } ] } }, "maxOutstanding": 1, "whenFull": "wait"
            """#
        let phase = try await VirtualRuns.run(text).result.variants[0].loads[0].phases[0]
        #expect(phase.outcomes == ["success": 100])
        #expect(phase.metrics["latency.max"].map { abs($0 - 1010) <= 2 } == true)
        #expect(phase.metrics["latency.fromStart.max"].map { abs($0 - 20) <= 0.1 } == true)
    }

    @Test("A gate counts the calls that hang: what has no end yet is no answer")
    func hangingGate() async throws {
        var text = VirtualRuns.Text()
        // Half of the calls take a millisecond, the others longer than the gate.
        text.service =
            #""workers": 10000, "serviceTime": { "mixture": [ { "share": 0.5, "time": "1ms" }, { "share": 0.5, "time": "20s" } ] }"#
        text.load = #""deadline": "30s", "arrival": { "constant": { "rate": [ { "at": "run", "rps": 100 } ] } }"#
        text.phases = #"{ "name": "run", "for": "2s", "gate": true }, { "name": "after", "for": "1s" }"#
        text.assertions = #"{ "id": "well", "role": "gate", "phase": "run", "metric": "successRatio", "is": { ">=": 0.99 } }"#
        #expect(try await VirtualRuns.run(text).result.verdict == .notStarted)
        // A call or two that are on their way when it ends are no reason to think that they hang.
        text.service = #""workers": 10000, "serviceTime": { "uniform": { "from": "20ms", "to": "40ms" } }"#
        #expect(try await VirtualRuns.run(text).result.verdict == .passed)
    }

    @Test("Each client has policies of its own")
    func clients() async throws {
        var text = VirtualRuns.Text()
        text.load += #", "clients": 5"#
        text.pipeline = #"{ "rateLimiter": { "fixedWindow": { "permits": 1, "per": "1h" } } }"#
        let outcomes = VirtualRuns.outcomes(try await VirtualRuns.run(text).result)
        #expect(outcomes == ["success": 5, "rejected": 995])
    }

    @Test("A breaker opens, probes and closes on the world's clock")
    func breaker() async throws {
        var text = VirtualRuns.Text()
        text.phases = #"{ "name": "run", "for": "10s" }, { "name": "after", "for": "10s" }"#
        text.faults = Self.fault("rpc.error", #"\#(Self.always), "with": { "status": "UNAVAILABLE" }"#)
        text.pipeline = #"""
            { "circuitBreaker": { "window": { "count": 20 }, "minimumCalls": 20,
                                  "open": { "for": "1s", "factor": 1, "max": "1s", "jitter": 0 } } }
            """#
        text.assertions = #"""
            { "id": "story", "role": "after", "breaker": "say/circuitBreaker",
              "timeline": [ { "state": "open", "within": "200ms", "after": "run" }, { "state": "halfOpen", "atLeast": 8 },
                            { "state": "closed", "within": "1200ms", "after": "run.end" } ] }
            """#
        let result = try await VirtualRuns.run(text).result
        #expect(result.verdict == .passed, "\(result.variants[0].assertions.map(\.sentence))")
        let strip = try #require(result.variants[0].breakers.first)
        // The twentieth failure opens it, at 0.19 s.
        #expect(strip.spells[1].state == .open && abs(strip.spells[1].start - 0.19) < 1e-9)
    }

    @Test("A sweep over seeds tells how each claim fared")
    func sweep() async throws {
        var sweep = SweepResult(try ScenarioText.scenario())
        sweep.add(try SampleRun.result(of: "passed", value: 1), seed: 1)
        sweep.add(try SampleRun.result(of: "failed", value: 0.5), seed: 2)
        let claim = try #require(sweep.claims.first { $0.id == "answered" })
        #expect(claim.failedSeeds == [2] && claim.values == [1, 0.5])
        #expect(sweep.exitCode == 1 && sweep.passed == [1] && sweep.failed == [2])
        let lines = SweepLines.lines(sweep, style: .plain)
        let line = "answered: held for 1 of 2 (expected to fail); answeredRatio in fault 50 % to 100 %, median 100 %"
        #expect(lines.contains { $0.contains(line) }, "\(lines)")
        #expect(lines.last == "2 seeds: 1 passed, 1 failed (seed 2)")
    }
}
