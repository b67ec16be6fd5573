import Testing

@testable import HoldfastGateway

@Suite("The query of an address")
struct QueryStringTests {
    @Test(
        "Fields become the message that they stand for",
        arguments: [
            ("", "{}"),
            ("name=kitty&msg=hello+world%21", #"{"name":"kitty","msg":"hello world!"}"#),
            ("a=1&a=2", #"{"a":["1","2"]}"#),
            ("a.b=1&a.c=2", #"{"a":{"b":"1","c":"2"}}"#),
            ("a", #"{"a":""}"#),
            ("a=b=c", #"{"a":"b=c"}"#),
            ("&&a=%C3%BC&", #"{"a":"ü"}"#),
            ("a=1&a.b=2", #"{"a":["1",{"b":"2"}]}"#),
            ("a=true", #"{"a":"true"}"#),
        ])
    func message(query: String, expected: String) throws {
        #expect(String(decoding: try QueryString(query[...]).message(booleans: false), as: UTF8.self) == expected)
    }

    @Test("Booleans are written as such when they are to be")
    func booleans() throws {
        #expect(String(decoding: try QueryString("a=true&b=no").message(booleans: true), as: UTF8.self) == #"{"a":true,"b":"no"}"#)
    }

    @Test("What cannot be decoded is refused", arguments: ["a=%", "a=%4", "a=%zz", "%ff=a", "a=%C3"])
    func refused(query: String) {
        #expect(throws: HTTPRefusal.self) { try QueryString(query[...]) }
    }

    @Test("Names within names end somewhere")
    func depth() throws {
        let query = try QueryString("\(Array(repeating: "a", count: 5_000).joined(separator: "."))=1"[...])
        #expect(query.message(booleans: false).count > 5_000)
    }

    @Test("A field that is taken is gone")
    func remove() throws {
        var query = try QueryString("method=POST&a=1")
        #expect(query.remove("method") == "POST" && query.remove("method") == nil && query.fields.count == 1)
    }
}
