import NIOHTTP1
import Testing

@testable import HoldfastGateway

@Suite("Messages in a body")
struct JSONMessageSplitterTests {
    @Test(
        "Objects are told apart wherever they are cut",
        arguments: [
            ("{}", ["{}"]),
            ("{}{}", ["{}", "{}"]),
            (" {\"a\":1}\r\n\t{\"b\":2}\n\n", ["{\"a\":1}", "{\"b\":2}"]),
            (#"{"a":"}{","b":"\"}\\"}{}"#, [#"{"a":"}{","b":"\"}\\"}"#, "{}"]),
            (#"{"a":[{},{"b":[]}]}"#, [#"{"a":[{},{"b":[]}]}"#]),
            ("", []),
        ])
    func complete(text: String, expected: [String]) throws {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var splitter = JSONMessageSplitter(longestMessage: 100)
            let messages = try splitter.take(bytes[..<cut]) + splitter.take(bytes[cut...])
            try splitter.finish()
            #expect(messages.map { String(decoding: $0, as: UTF8.self) } == expected, "cut at \(cut)")
        }
    }

    @Test("What is no object is refused where it begins", arguments: ["[]", "1", "\"a\"", "{},{}", "}", "\u{FEFF}{}"])
    func noObject(text: String) {
        var splitter = JSONMessageSplitter(longestMessage: 100)
        let refusal = #expect(throws: HTTPRefusal.self) { try splitter.take(text.utf8) }
        #expect(refusal?.status == .badRequest && refusal?.message.contains("expected {") == true)
    }

    @Test("A body that ends within an object is refused", arguments: ["{", "{\"a\":\"}", "{}{\"a\":[}"])
    func unfinished(text: String) throws {
        var splitter = JSONMessageSplitter(longestMessage: 100)
        _ = try splitter.take(text.utf8)
        #expect(throws: HTTPRefusal.self) { try splitter.finish() }
    }

    @Test("A message may have as many bytes as it may, and none more")
    func length() throws {
        var splitter = JSONMessageSplitter(longestMessage: 10)
        #expect(try splitter.take("{\"a\":1234}{\"b\":1234}".utf8).count == 2)
        let refusal = #expect(throws: HTTPRefusal.self) { try splitter.take("{\"a\":12345}".utf8) }
        #expect(refusal?.status == .payloadTooLarge)
    }
}
