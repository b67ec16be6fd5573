import Foundation
import Holdfast
import HoldfastPolicyFiles
import Testing

@Suite struct PolicyDocumentTests {
    @Test("The shipped policy files are valid and without doubts", arguments: ["say", "echo"])
    func shippedFiles(name: String) throws {
        let document = try PolicyDocument(path: shippedPolicy(name))
        #expect(document.policies.map(\.name) == [name])
        #expect(document.warnings.isEmpty)
    }

    @Test("The say policy reads as it stands in its file")
    func say() throws {
        let policy = try #require(try PolicyDocument(path: shippedPolicy("say")).policy(named: "say"))
        #expect(policy.pipeline.map(\.name) == ["total", "circuitBreaker", "rateLimiter", "attempt"])
        #expect(policy.pipeline.map(\.kind) == [.timeout, .circuitBreaker, .rateLimiter, .timeout])
        #expect(try policy.pipeline[0].settings == .timeout(.init(after: .milliseconds(800))))
        #expect(
            policy.fallback?.steps.map(\.action) == [
                .lastGood(maxAge: .seconds(30), maxEntries: 1000), .value(json: #"{"body":"[{\"kitty\":\"busy, back soon\"}]"}"#),
            ])
    }

    @Test("The schema that an editor checks against may be named")
    func schema() throws {
        let json = #"{"$schema":"./policy.schema.json","version":1,"policies":{}}"#
        #expect(try PolicyDocument(file: "f", bytes: Array(json.utf8)).policies.isEmpty)
    }

    @Test("An element that says nothing has the core's defaults")
    func defaults() throws {
        let element = try element(#"{"circuitBreaker":{}}"#)
        #expect(try element.settings == .circuitBreaker(.init()))
        #expect(element.isEnabled)
        #expect(element.shared == nil)
    }

    @Test("Each field of a circuit breaker reaches its configuration")
    func circuitBreaker() throws {
        let json = """
            {"circuitBreaker":{"window":{"time":"4s","buckets":20},"minimumCalls":7,"failureRate":0.25,"consecutiveFailures":9,
              "slowCalls":{"over":"150ms","rate":0.8,"countRunning":true},"open":{"for":"1s","factor":3,"max":"9s","jitter":0.1},
              "halfOpen":{"probes":4,"failureRate":0.75,"lease":"2s"},"rampAfterClose":"10s","state":"observing",
              "failures":["UNAVAILABLE"],"ignore":["ABORTED"],"scope":"shared","shared":"backend","enabled":false,"name":"b"}}
            """
        let element = try element(json)
        #expect(
            try element.settings
                == .circuitBreaker(
                    .init(
                        window: .time(.seconds(4), buckets: 20), minimumCalls: 7, failureRate: 0.25, consecutiveFailures: 9,
                        slowCalls: .init(over: .milliseconds(150), rate: 0.8, countRunning: true),
                        open: .init(for: .seconds(1), factor: 3, max: .seconds(9), jitter: 0.1),
                        halfOpen: .init(probes: 4, failureRate: 0.75, lease: .seconds(2)), rampAfterClose: .seconds(10),
                        mode: .observing, classification: .init(failures: [.unavailable], ignored: [.aborted]))))
        #expect((element.name, element.shared, element.isEnabled) == ("b", "backend", false))
    }

    @Test("A failure rate of null leaves the other rules to open the breaker")
    func noFailureRate() throws {
        let element = try element(#"{"circuitBreaker":{"window":{"count":10},"failureRate":null,"consecutiveFailures":3}}"#)
        #expect(try element.settings == .circuitBreaker(.init(window: .count(10), failureRate: nil, consecutiveFailures: 3)))
    }

    @Test("Each field of a rate limiter reaches its configuration")
    func rateLimiter() throws {
        let json = #"{"rateLimiter":{"tokenBucket":{"permits":3,"per":"1m","burst":5},"maxWait":"40ms","maxQueued":2,"key":"none"}}"#
        let bucket = RateLimiter.Configuration.Algorithm.tokenBucket(permits: 3, per: .seconds(60), burst: 5)
        #expect(try element(json).settings == .rateLimiter(.init(bucket, maxWait: .milliseconds(40), maxQueued: 2)))
    }

    @Test("A fallback is a list of steps, or an object that says more about them")
    func fallback() throws {
        let list = try fallback(#"[{"lastGood":{"maxAge":"1m"}},{"handler":"h"}]"#)
        #expect(list.steps.map(\.action) == [.lastGood(maxAge: .seconds(60), maxEntries: 1000), .handler("h")])
        #expect((list.name, list.isEnabled, list.on) == ("fallback", true, nil))

        let object = try fallback(
            #"{"name":"f","enabled":false,"on":["UNAVAILABLE","timeout","connection","rejected"],"steps":[{"value":[1,{"a":null}]}]}"#)
        #expect(object.steps.map(\.action) == [.value(json: #"[1,{"a":null}]"#)])
        #expect((object.name, object.isEnabled) == ("f", false))
        #expect(object.on == FailureSelector(codes: [.unavailable], origins: [.timeout, .connection, .rejected]))
    }

    @Test("A kind that stands twice is numbered from its second time on")
    func names() throws {
        let document = try document(
            """
            {"p":{"pipeline":[{"timeout":{"after":"3s"}},{"circuitBreaker":{}},{"timeout":{"after":"2s"}},
                              {"timeout":{"after":"1s","name":"last"}}],
                  "fallback":[{"handler":"h"}]}}
            """)
        #expect(document.elementNames == ["p/timeout", "p/circuitBreaker", "p/timeout2", "p/last", "p/fallback"])
    }

    @Test("A route is a policy's name or an object")
    func routes() throws {
        let document = try document(
            #"{"p":{}}"#,
            routes: #"{"a.B/C":{"policy":"p","idempotent":true,"criticality":"sheddable"},"a.B/*":{"policy":"p"},"*":"p"}"#)
        #expect(document.routes.map(\.pattern) == [.method(service: "a.B", name: "C"), .service("a.B"), .all])
        #expect(document.routes.map(\.isIdempotent) == [true, false, false])
        #expect(document.routes.map(\.criticality) == [.sheddable, .critical, .critical])
    }

    @Test(
        "A pattern is *, a service with /*, or a service and a method",
        arguments: [
            ("*", true), ("a/*", true), ("a.b_1.C/D2", true), ("", false), ("a", false), ("/a/b", false), ("a/", false), ("*/b", false),
            ("a/b/c", false), ("a..b/c", false), ("a/b.c", false), ("1a/b", false), ("a b/c", false), ("é/c", false), ("a/b*", false),
        ])
    func patterns(text: String, isPattern: Bool) {
        #expect(RoutePattern(text)?.description == (isPattern ? text : nil))
    }

    @Test("A step behind a fixed value is doubtful, because it is never tried")
    func unreachableStep() throws {
        let document = try document(#"{"p":{"fallback":[{"value":{}},{"handler":"h"}]}}"#)
        #expect(
            document.warnings.map(\.description) == [
                "f:1:56: warning: policies.p.fallback[1]: this step is never tried, because the value before it always answers"
            ])
    }

    private func document(_ policies: String, routes: String = "{}") throws -> PolicyDocument {
        try PolicyDocument(file: "f", bytes: Array("{\"version\":1,\"policies\":\(policies),\"routes\":\(routes)}".utf8))
    }

    private func element(_ json: String) throws -> PipelineElement {
        try #require(try document("{\"p\":{\"pipeline\":[\(json)]}}").policies.first?.pipeline.first)
    }

    private func fallback(_ json: String) throws -> FallbackDefinition {
        try #require(try document("{\"p\":{\"fallback\":\(json)}}").policies.first?.fallback)
    }
}

/// The path of a file in `Policies/`.
func shippedPolicy(_ name: String) -> String {
    let root = (1...4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    return root.appending(path: "Policies/\(name).json").path
}
