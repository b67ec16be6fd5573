import Holdfast
import Testing

@testable import HoldfastPolicyFiles

/// Each of these would take minutes to for ever if its attempts were reckoned one by one; the time limit catches that.
@Suite("Explain and diff: nested hedges and retries are reckoned up to a bound", .timeLimit(.minutes(1)))
struct ManyAttemptsTests {
    private static let hedges = nested(10) { "{\"hedge\":{\"name\":\"h\($0)\",\"after\":\"1ms\",\"maxExtra\":10,\"budget\":null}}" }
    private static let retries = nested(10) { number in
        "{\"retry\":{\"name\":\"r\(number)\",\"maxAttempts\":100,\"backoff\":{\"constant\":{\"delay\":\"1ms\"}},\"budget\":null}}"
    }

    private static func nested(_ count: Int, _ element: (Int) -> String) -> String {
        (0..<count).map(element).joined(separator: ",")
    }

    private static func explanation(_ elements: String) throws -> PolicyExplanation {
        let document = try document("{\"p\":{\"pipeline\":[\(elements)]}}", routes: #"{"*":{"policy":"p","idempotent":true}}"#)
        return PolicyExplanation(of: document.policies[0], in: document)
    }

    @Test(
        "Ten nested hedges of 10 make more than 1000 attempts, with and without an end",
        arguments: ["", #",{"timeout":{"after":"1s"}}"#])
    func hedges(timeout: String) throws {
        let explanation = try Self.explanation(Self.hedges + timeout)
        #expect(!explanation.load.mostAttempts.isExact && explanation.load.mostAttempts.count == 1000)
        #expect(explanation.hang.attempts == 1000 && !explanation.hang.isComplete && explanation.hang.end == nil)
        let text = explanation.description
        #expect(text.contains("Load: more than 1000 attempts for a call; as many for each while all fail for long"), "\(text)")
        #expect(text.contains("If the service hangs, the call makes more than 1000 attempts"), "\(text)")
        #expect(text.contains("If the service fails at once, the call makes more than 1000 attempts"), "\(text)")
        #expect(text.split(separator: "\n").count < 300)
    }

    @Test("Ten nested retries of 100: each inner one stands down until the last attempt of those around it, so 991 attempts are all")
    func retries() throws {
        let explanation = try Self.explanation(Self.retries + #",{"timeout":{"after":"1ms"}}"#)
        #expect(explanation.load.mostAttempts.isExact && explanation.load.mostAttempts.count == 991)
        let text = explanation.description
        #expect(text.contains("Load: at most 991 attempts for a call") && text.contains("an error after more than 292 years"), "\(text)")
    }

    @Test("A diff says what is more than can be reckoned")
    func diff() throws {
        let routes = #"{"*":{"policy":"p","idempotent":true}}"#
        let one = try document(#"{"p":{"pipeline":[{"hedge":{"name":"h0","after":"1ms","budget":null}}]}}"#, routes: routes)
        let many = try document("{\"p\":{\"pipeline\":[\(Self.hedges)]}}", routes: routes)
        let effects = PolicyDiff(from: one, to: many).effects.map(\.text)
        #expect(effects.contains("attempts for a call: at most 2 -> more than 1000"), "\(effects)")
        #expect(effects.contains("if the service hangs: no end -> more than 1000 attempts"), "\(effects)")
        let back = PolicyDiff(from: many, to: one).effects.map(\.text)
        #expect(back.contains("attempts for a call: more than 1000 -> 2"), "\(back)")
        #expect(PolicyDiff(from: many, to: many).isEmpty)
    }
}
