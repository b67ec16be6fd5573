import Foundation
import Testing

@Suite("The schema of traces")
struct TraceSchemaTests {
    /// A valid beginning of the settings of each kind, to which a key can be added.
    private static let kinds: KeyValuePairs<String, String> = [
        "circuitBreaker": "", "rateLimiter": #""pacing":{"permits":1,"per":"1s"},"#, "bulkhead": #""maxConcurrent":1,"#,
        "adaptiveLimiter": #""aimd":{},"#, "throttle": "", "shed": #""signals":{"cpu":{"enter":1,"leave":0}},"#, "retry": "",
        "hedge": #""after":"1s","#, "window": #""count":4,"#, "backoff": #""constant":{"delay":"1s"},"#,
    ]

    @Test("It has the settings and the events that the reader has, kind by kind")
    func sameKeys() throws {
        let definitions = try #require(try schema().object("$defs"))
        for (kind, settings) in Self.kinds {
            let fields = try #require(definitions.object(kind)?.object("properties")?.keys)
            let known = expected(in: traceErrors(#"{"version":1,"\#(kind)":{\#(settings)"???":1},"steps":[]}"#))
            // Of alternatives, the reader asks for all; of keys that only one alternative has, for those of the one that is there.
            #expect(Set(known).isSubset(of: fields), "\(kind): \(known) and \(fields)")
            #expect(Set(fields).subtracting(known).isSubset(of: ["buckets"]), "\(kind): \(known) and \(fields)")
            let events = try #require(definitions.object("\(kind)Step")?.object("properties")?.keys)
            let settingsAlone = settings.isEmpty ? "" : String(settings.dropLast())
            let errors = traceErrors(#"{"version":1,"\#(kind)":{\#(settingsAlone)},"steps":[{"at":"0s"}]}"#)
            #expect(Set(expected(in: errors) + ["at"]) == Set(events), "\(kind)")
        }
    }

    @Test("The end-to-end trace and the page name the schema where it is")
    func schemaIsThere() throws {
        #expect(try schema().string("$schema") == "https://json-schema.org/draft/2020-12/schema")
    }

    private func schema() throws -> JSONObject {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Policies/trace.schema.json"))
        return JSONObject(try JSONSerialization.jsonObject(with: data))
    }

    /// The keys in quotes behind the last `expected` or `keys` of a message.
    private func expected(in message: String) -> [String] {
        let list = message.split(separator: "expected ").last?.split(separator: "keys ").last ?? ""
        return list.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }
}
