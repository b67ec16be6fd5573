import Holdfast
import Testing

@testable import HoldfastPolicyFiles

@Suite("Explain: in words and in a picture")
struct PolicyExplanationTests {
    private static let say = """
        { "timeout": { "name": "total", "after": "1200ms" } },
        { "retry": { "maxAttempts": 4, "backoff": { "exponential": { "base": "50ms", "max": "200ms" }, "jitter": "none" } } },
        { "circuitBreaker": { "window": { "time": "4s" }, "minimumCalls": 20, "failureRate": 0.5 } },
        { "timeout": { "name": "attempt", "after": "250ms" } }
        """

    private static func explanation(
        _ pipeline: String, idempotent: Bool = true, _ traffic: PolicyExplanation.Traffic = .unknown
    ) throws -> PolicyExplanation {
        let document = try document(
            "{\"p\":{\"pipeline\":[\(pipeline)]}}", routes: "{\"a.B/*\":{\"policy\":\"p\",\"idempotent\":\(idempotent)}}")
        return PolicyExplanation(of: document.policies[0], in: document, traffic: traffic)
    }

    @Test("Attempts, waits and timeouts stand to scale")
    func picture() throws {
        let lines = TimelinePicture(try Self.explanation(Self.say).hang).lines
        #expect(
            lines == [
                "           0 s                                                             1.2 s",
                "attempt 1  =============| attempt timeout after 250 ms",
                "wait                     ... 50 ms",
                "attempt 2                   ==============| attempt timeout after 250 ms",
                "wait                                       ..... 100 ms",
                "attempt 3          attempt timeout after 250 ms ==============|",
                "wait                                                    200 ms ...........",
                "attempt 4                                       total timeout after 1.2 s =====|",
            ])
    }

    @Test("What never ends has no end in the picture")
    func endless() throws {
        let explanation = try Self.explanation(#"{"throttle":{}}"#)
        #expect(TimelinePicture(explanation.hang).lines.last == "attempt 1  === never ends \(String(repeating: "=", count: 53))>")
        #expect(explanation.longest == nil && explanation.description.contains("If the service hangs, the call never ends"))
    }

    @Test("No line of a picture is longer than the terminal is wide", arguments: [40, 80, 120])
    func width(columns: Int) throws {
        for attempts in 1...12 {
            for (after, base) in [("1ns", "1h"), ("1h", "1ns"), ("70ms", "9ms")] {
                let retry = "{\"retry\":{\"maxAttempts\":\(attempts),\"backoff\":{\"constant\":{\"delay\":\"\(base)\"}}}}"
                let explanation = try Self.explanation("\(retry),{\"timeout\":{\"after\":\"\(after)\"}}")
                for timeline in [explanation.hang, explanation.failure] {
                    let picture = TimelinePicture(timeline, width: columns)
                    #expect(picture.lines.allSatisfy { $0.count <= columns }, "\(picture.lines.joined(separator: "\n"))")
                }
            }
        }
    }

    @Test("The words: worst case, load, breakers by rate, what routes allow")
    func words() throws {
        let text = try Self.explanation(Self.say, .init(callsPerSecond: 200)).description
        for sentence in [
            "policy p, for a.B/* (idempotent)", "Worst case: the caller has an answer or an error after 1.2 s.",
            "If the service hangs, the call fails after 1.2 s and 4 attempts: DEADLINE_EXCEEDED, total timeout",
            "If the service fails at once, the call fails after at most 350 ms and 4 attempts",
            "Load: at most 4 attempts for a call; 1.215 for each while all fail for long",
            "  at 200 calls a second: cold after 20 calls, 100 ms; after 4 s of health, 400 calls, 2 s",
        ] {
            #expect(text.contains(sentence), "\(sentence)\n\(text)")
        }
        let once = try Self.explanation(Self.say, idempotent: false).description
        #expect(once.contains("(not idempotent: nothing is sent twice)") && once.contains("Load: at most 1 attempt for a call"), "\(once)")
        #expect(once.contains("at 10 calls a second") && once.contains("at 1000 calls a second"))
    }

    @Test(
        "The worst case includes what the fallback takes, which the pipeline's timeouts do not end",
        arguments: [
            (
                #"{"target":{"endpoint":"e","timeout":"5s"}}"#,
                "The fallback then takes up to 5 s more: the caller has an answer or an error after 5.8 s."
            ),
            (
                #"{"target":{"endpoint":"e","timeout":"5s"}},{"target":{"endpoint":"f","timeout":"1s"}},{"value":{}}"#,
                "The fallback then takes up to 6 s more: the caller has an answer or an error after 6.8 s."
            ),
            (#"{"target":{"endpoint":"e"}}"#, "The fallback then takes as long as it likes: only a deadline of the caller ends it."),
            (#"{"handler":"h"}"#, "The fallback then takes as long as it likes: only a deadline of the caller ends it."),
        ])
    func fallbackTime(steps: String, sentence: String) throws {
        let document = try document("{\"p\":{\"pipeline\":[{\"timeout\":{\"after\":\"800ms\"}}],\"fallback\":[\(steps)]}}")
        let text = PolicyExplanation(of: document.policies[0], in: document).description
        #expect(text.contains("Worst case: the pipeline has an answer or an error after 800 ms.\n\(sentence)"), "\(text)")
    }

    @Test("A fallback that has its answer at hand takes no time, and one that is off none at all")
    func instantFallback() throws {
        for fallback in [
            #"[{"lastGood":{"maxAge":"1m"}},{"value":{}}]"#, #"{"enabled":false,"steps":[{"handler":"h"}]}"#,
        ] {
            let document = try document("{\"p\":{\"pipeline\":[{\"timeout\":{\"after\":\"800ms\"}}],\"fallback\":\(fallback)}}")
            let explanation = PolicyExplanation(of: document.policies[0], in: document)
            #expect(explanation.longestFallback == .zero)
            #expect(explanation.description.contains("Worst case: the caller has an answer or an error after 800 ms."))
        }
    }

    @Test("Rules do not keep a retry's worst case from being reckoned: by the most attempts and the longest waits of any rule")
    func worstCaseOfRules() throws {
        let elements = """
            {"retry":{"maxAttempts":2,"retryAfterMax":"0s","backoff":{"constant":{"delay":"10ms"},"jitter":"none"},
              "rules":[{"on":["ABORTED"],"maxAttempts":4},{"on":["INTERNAL"],"backoff":{"constant":{"delay":"30ms"}}}]}},
            {"timeout":{"after":"100ms"}}
            """
        let explanation = try Self.explanation(elements)
        // Four attempts, three waits, and one attempt that never reached the service and is sent again besides.
        #expect(explanation.longest == .milliseconds(4 * 100 + 3 * 30 + 100))
        #expect(!explanation.description.contains("nothing ends a call that hangs"))
    }

    @Test("Latencies say no more than their quantiles do")
    func latencies() throws {
        let traffic = try PolicyExplanation.Traffic(callsPerSecond: 500, p50: .milliseconds(20), p99: .milliseconds(200))
        let elements = """
            {"timeout":{"name":"a","after":"200ms"}},{"timeout":{"name":"b","after":"199ms"}},{"timeout":{"name":"c","after":"19ms"}},
            {"bulkhead":{"maxConcurrent":10}},{"rateLimiter":{"pacing":{"permits":400,"per":"1s"}}}
            """
        #expect(
            try Self.explanation(elements, traffic).remarks == [
                "a cuts off at most 1 % of the answers", "b cuts off 1 % to 50 % of the answers", "c cuts off at least 50 % of the answers",
                "bulkhead has room for 500 calls a second of 20 ms (p50) each, or 50 of 200 ms (p99); 500 a second need 10 to 100 of its 10 places",
                "rateLimiter refuses 20 % of 500 calls a second in the long run: it gives 400",
            ])
    }

    @Test("How a call goes that the service answers as slowly as to one in a hundred is told when that is known")
    func slowAnswers() throws {
        func slow(_ elements: String, p99: Duration) throws -> [String] {
            let traffic = try PolicyExplanation.Traffic(p50: .milliseconds(1), p99: p99)
            let lines = try Self.explanation(elements, traffic).description.split(separator: "\n").map(String.init)
            let start = try #require(lines.firstIndex { $0.hasPrefix("If the service takes") })
            return Array(lines[start...].prefix { !$0.hasPrefix("Load:") })
        }
        #expect(
            try slow(#"{"hedge":{"after":"50ms"}},{"timeout":{"after":"1s"}}"#, p99: .milliseconds(200)) == [
                "If the service takes 200 ms to answer (p99), the call is answered after 200 ms and 2 attempts",
                "           0 s                                                            200 ms",
                "attempt 1  === answered =======================================================|",
                "attempt 2         cancelled ===================================================|",
            ])
        #expect(
            try slow(
                #"{"timeout":{"after":"1s"}},{"retry":{"maxAttempts":2,"backoff":{"constant":{"delay":"100ms"},"jitter":"none"}}},{"timeout":{"after":"100ms"}}"#,
                p99: .milliseconds(200))[0]
                == "If the service takes 200 ms to answer (p99), the call fails after 300 ms and 2 attempts: DEADLINE_EXCEEDED, attempt timeout"
        )
        #expect(try !Self.explanation(#"{"timeout":{"after":"1s"}}"#).description.contains("p99"))
    }

    @Test("Traffic that makes no sense is refused")
    func traffic() {
        #expect(throws: ConfigurationError.self) { try PolicyExplanation.Traffic(callsPerSecond: 0) }
        #expect(throws: ConfigurationError.self) { try PolicyExplanation.Traffic(callsPerSecond: .nan) }
        #expect(throws: ConfigurationError.self) { try PolicyExplanation.Traffic(p50: .seconds(1)) }
        #expect(throws: ConfigurationError.self) { try PolicyExplanation.Traffic(p50: .seconds(2), p99: .seconds(1)) }
    }

    @Test("A method's route is the most specific one")
    func route() throws {
        let document = try document(#"{"p":{},"q":{},"r":{}}"#, routes: #"{"*":"p","a.B/*":"q","a.B/C":"r"}"#)
        #expect(["a.B/C", "/a.B/C", "a.B/D", "x.Y/Z", "nonsense"].map { document.route(for: $0)?.policy } == ["r", "r", "q", "p", nil])
    }
}
