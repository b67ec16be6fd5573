import Holdfast
import HoldfastPolicyFiles
import Testing

@Suite("Documents written in code and as JSON")
struct WrittenDocumentTests {
    @Test("What is written reads the same, briefly and with every setting", arguments: 0..<100 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        let document = RandomDocument.make(seed: seed)
        for text in [document.json, document.describe()] {
            let again = try PolicyDocument(file: "f", bytes: Array(text.utf8), environment: [:])
            #expect(again.policies == document.policies, "\(text)")
            #expect(again.routes == document.routes)
            #expect(again.json == document.json)
        }
    }

    @Test("The random documents have every kind in them")
    func everyKind() {
        let kinds = (0..<200 as Range<UInt64>).flatMap { RandomDocument.make(seed: $0).policies }.flatMap(\.pipeline).map(\.kind)
        #expect(Set(kinds).count == 10)
    }

    @Test("No prefix of a file that is being written is taken for a document")
    func prefixes() {
        let texts = (0..<30 as Range<UInt64>).map { Array(RandomDocument.make(seed: $0).json.utf8) }.filter { $0.count < 1500 }.prefix(5)
        #expect(!texts.isEmpty)
        for bytes in texts {
            for end in 0..<(bytes.count - 1) {  // the last byte is the line's end
                #expect(throws: DocumentError.self) { try PolicyDocument(file: "f", bytes: Array(bytes[..<end]), environment: [:]) }
            }
        }
    }

    @Test("The shipped files read the same when they are written", arguments: ["say", "echo"])
    func shipped(name: String) throws {
        let document = try PolicyDocument(path: shippedPolicy(name))
        let again = try PolicyDocument(file: document.file, bytes: Array(document.json.utf8))
        #expect(again == document)
    }

    @Test("What is as it would be anyway is not written, and described all the same")
    func defaults() throws {
        let breaker = try CircuitBreaker.Configuration(minimumCalls: 5)
        let document = try PolicyDocument(
            policies: [.init("p", pipeline: [.init("circuitBreaker", .circuitBreaker(breaker))])], routes: [.init(.all, policy: "p")])
        #expect(
            document.json == """
                {
                  "version": 1,
                  "policies": { "p": { "pipeline": [{ "circuitBreaker": { "minimumCalls": 5 } }] } },
                  "routes": { "*": "p" }
                }

                """)
        #expect(document.describe().contains(#""open": { "for": "5s", "factor": 2, "max": "1m", "jitter": 0.2 }"#))
    }

    @Test("What no file may say, no code may say either")
    func invalid() {
        let error = #expect(throws: DocumentError.self) {
            try PolicyDocument(policies: [.init("a/b"), .init("c"), .init("c")], routes: [.init(.all, policy: "d")])
        }
        #expect(error?.diagnostics.map(\.path) == [#"policies["a/b"]"#, "policies.c", #"routes["*"]"#])
        #expect(throws: DocumentError.self) { try PolicyDocument(policies: [.init("a", fallback: .init([.init(.value(json: "{"))]))]) }
    }
}
