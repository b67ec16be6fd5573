import Foundation
import Holdfast
import HoldfastPolicyFiles
import Testing

@Suite("Extending, defaults, variables, comments and several files")
struct LanguageTests {
    private static let base = """
        { "timeout": { "name": "total", "after": "3s" } }, { "circuitBreaker": {} }, { "timeout": { "name": "attempt", "after": "1s" } }
        """

    /// Documents that use the language and are right.
    static let goodDocuments: [(name: String, json: String)] = [
        ("extends", extending(#", "pipeline": [{ "bulkhead": { "maxConcurrent": 1 } }], "without": ["total"], "fallback": null"#)),
        (
            "defaults",
            """
            { "version": 1, "defaults": { "d": { "rateLimiter": { "pacing": { "permits": 1, "per": "1s" } } }, "t": { "timeout": { "after": "1s" } } },
              "policies": { "p": { "pipeline": [ { "rateLimiter": { "defaults": "d" } }, { "timeout": { "defaults": "t" } },
                { "rateLimiter": { "defaults": "d", "name": "r", "fixedWindow": { "permits": 1, "per": "1s" } } } ] } } }
            """
        ),
        (
            "variables",
            """
            { "version": 1, "policies": { "p": { "pipeline": [
              { "bulkhead": { "maxConcurrent": "${N:-7}", "enabled": "${B:-true}", "maxWait": "${W:-250}ms", "order": "${O:-fifo}" } } ] } } }
            """
        ),
        (
            "defaults that are not all of an element",
            """
            { "version": 1, "defaults": { "big": { "bulkhead": { "maxQueued": 5 } }, "empty": { "timeout": {} },
                "queue": { "rateLimiter": { "maxQueued": 3, "maxWait": "1s" } }, "few": { "retry": { "maxAttempts": 2 } } },
              "policies": { "p": { "pipeline": [ { "bulkhead": { "defaults": "big", "maxConcurrent": 2 } }, { "retry": { "defaults": "few" } },
                { "rateLimiter": { "defaults": "queue", "pacing": { "permits": 1, "per": "1s" } } } ] } } }
            """
        ),
    ]

    private static func extending(_ changes: String) -> String {
        """
        { "version": 1, "policies": {
          "say": { "extends": "base"\(changes) },
          "base": { "pipeline": [ \(base) ], "fallback": [ { "handler": "h" } ] } } }
        """
    }

    @Test(
        "A policy has the elements of the one that it extends, with its own among them",
        arguments: [
            ("", ["total", "circuitBreaker", "attempt", "fallback"]),
            (#", "pipeline": [{ "bulkhead": { "maxConcurrent": 1 } }]"#, ["bulkhead", "total", "circuitBreaker", "attempt", "fallback"]),
            (
                #", "pipeline": [{ "circuitBreaker": {} }, { "bulkhead": { "maxConcurrent": 1 } }]"#,
                ["total", "circuitBreaker", "bulkhead", "attempt", "fallback"]
            ),
            (#", "without": ["total", "fallback"]"#, ["circuitBreaker", "attempt"]),
            (#", "fallback": null"#, ["total", "circuitBreaker", "attempt"]),
            (#", "fallback": { "name": "other", "steps": [{ "handler": "h" }] }"#, ["total", "circuitBreaker", "attempt", "other"]),
        ])
    func extending(changes: String, names: [String]) throws {
        let document = try document(Self.extending(changes))
        #expect(document.elementNames.filter { $0.hasPrefix("say/") } == names.map { "say/\($0)" })
    }

    @Test("An element stands whole in place of the one of its name")
    func replacing() throws {
        let say = try #require(
            try document(Self.extending(#", "pipeline": [{ "timeout": { "name": "total", "after": "9s" } }]"#)).policy(named: "say"))
        #expect(try say.pipeline[0].settings == .timeout(.init(after: .seconds(9))))
        #expect(say.pipeline.map(\.name) == ["total", "circuitBreaker", "attempt"])
    }

    @Test("Each of a long chain is taken over, and a chain that is too long is an error")
    func chains() throws {
        func chain(_ length: Int) -> String {
            let policies = (0..<length).map {
                #""p\#($0)": { "extends": "p\#($0 + 1)", "pipeline": [{ "timeout": { "after": "1s", "name": "t\#($0)" } }] }"#
            }
            return "{ \"version\": 1, \"policies\": { \((policies + ["\"p\(length)\": {}"]).joined(separator: ", ")) } }"
        }
        #expect(try document(chain(15)).policies[0].pipeline.map(\.name) == (0..<15).map { "t\($0)" })
        #expect(throws: DocumentError.self) { try document(chain(16)) }
        #expect(throws: DocumentError.self) { try document(chain(5000)) }
    }

    @Test("Defaults hold for what an element does not give, as whole fields")
    func defaults() throws {
        let document = try document(
            """
            { "version": 1,
              "defaults": { "d": { "circuitBreaker": { "minimumCalls": 7, "open": { "for": "1s", "factor": 3 }, "window": { "count": 50 } } } },
              "policies": { "p": { "pipeline": [ { "circuitBreaker": { "defaults": "d", "open": { "for": "2s" } } } ] } } }
            """)
        #expect(
            try document.policies[0].pipeline[0].settings
                == .circuitBreaker(.init(window: .count(50), minimumCalls: 7, open: .init(for: .seconds(2)))))
        #expect(document.warnings.isEmpty)
    }

    @Test("What the schema is held against as right is right for the reader too", arguments: goodDocuments.map(\.json))
    func good(json: String) throws {
        _ = try document(json)
    }

    @Test("Defaults that nothing uses are doubtful")
    func unusedDefaults() throws {
        let document = try document(#"{ "version": 1, "defaults": { "d": { "timeout": {} } }, "policies": {} }"#)
        #expect(document.warnings.map(\.message) == [#"nothing uses the defaults "d", so they have not been checked"#])
    }

    @Test("What is wrong in one policy hides nothing that is wrong in others; what extends it is left alone")
    func mistakesSideBySide() {
        let error = #expect(throws: DocumentError.self) {
            let text = documentText(
                #"""
                {
                  "base": { "pipeline": [ { "timeout": { "after": "1s" } } ] },
                  "wrong": { "pipeline": [ { "timeout": { "aftr": "1s" } } ] },
                  "of-base": { "extends": "base", "without": ["tiemout"] },
                  "of-wrong": { "extends": "wrong", "without": ["timeout"] }
                }
                """#, routes: #"{"*":"base"}"#)
            _ = try PolicyDocument(file: "f.json", bytes: Array(text.utf8))
        }
        let lines = error?.diagnostics.map { "\($0.path): \($0.message)" } ?? []
        #expect(lines.count == 2, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("policies.wrong.pipeline[0].timeout") })
        #expect(lines.contains { $0.hasPrefix(#"policies.of-base.without[0]: "base" has no element "tiemout""#) })
    }

    @Test("A variable stands for a number, a truth value, a part of a duration and a word; without one its default does")
    func variables() throws {
        let text = Self.goodDocuments[2].json
        func settings(_ environment: PolicyEnvironment) throws -> PipelineElement {
            try PolicyDocument(file: "f", bytes: Array(text.utf8), environment: environment).policies[0].pipeline[0]
        }
        #expect(try settings([:]).settings == .bulkhead(.init(maxConcurrent: 7, maxWait: .milliseconds(250))))
        let set = try settings(["N": "1e2", "B": "false", "W": "1.5", "O": "adaptiveLifo"])
        #expect(try set.settings == .bulkhead(.init(maxConcurrent: 100, maxWait: .microseconds(1500), order: .adaptiveLifo)))
        #expect(!set.isEnabled)
        #expect(try settings(["N": ""]).settings == settings([:]).settings)
    }

    @Test("A dollar sign twice is a plain one, and a string stays a string")
    func escapes() throws {
        let document = try document(
            #"{ "version": 1, "policies": { "p": { "fallback": [{ "value": { "a": "$${X} $ {} ${X:-5}", "b": "${X:-5}" } }] } } }"#)
        #expect(document.policies[0].fallback?.steps.map(\.action) == [.value(json: ##"{"a":"${X} $ {} 5","b":"5"}"##)])
    }

    @Test("The process's own environment is the default")
    func processEnvironment() throws {
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        let text = #"{ "version": 1, "policies": { "p": { "fallback": [{ "handler": "${PATH}" }] } } }"#
        #expect(try PolicyDocument(file: "f", bytes: Array(text.utf8)).policies[0].fallback?.steps.map(\.action) == [.handler(path)])
    }

    @Test("Comments, trailing commas, bare keys and single quotes are read where the file's name says so", arguments: ["json5", "jsonc"])
    func json5(suffix: String) throws {
        let text = """
            // The policies.
            { version: 1, /* the only one */
              policies: { 'say': { pipeline: [ { timeout: { after: 'a "second"'.length, }, }, ], }, }, }
            """.replacing("'a \"second\"'.length", with: "'1s'")
        #expect(try PolicyDocument(file: "f.\(suffix)", bytes: Array(text.utf8)).policies.map(\.name) == ["say"])
        #expect(throws: DocumentError.self) { try PolicyDocument(file: "f.json", bytes: Array(text.utf8)) }
    }

    private func document(_ text: String) throws -> PolicyDocument {
        try PolicyDocument(file: "f", bytes: Array(text.utf8), environment: [:])
    }
}
