import HoldfastPolicyFiles
import Testing

@Suite struct ObjectReaderTests {
    @Test(
        "A key that nobody asked for is an error that helps",
        arguments: [
            (#"{"after":1}"#, nil),
            (#"{"aftr":1}"#, #"f:1:2: aftr: unknown key; did you mean "after"?"#),
            (#"{"After":1}"#, #"f:1:2: After: unknown key; did you mean "after"?"#),
            (#"{"after":1,"onExpriy":"wait"}"#, #"f:1:12: onExpriy: unknown key; did you mean "onExpiry"?"#),
            (#"{"after":1,"colour":"red"}"#, #"f:1:12: colour: unknown key; expected "after" or "onExpiry""#),
            (#"{"after":1,"idle":"1s"}"#, #"f:1:12: idle: not supported by this version yet; it supports "after" and "onExpiry""#),
            ("{}", #"f:1:1: missing key "after""#),
            (#"{"colour":1}"#, "f:1:1: missing key \"after\"\nf:1:2: colour: unknown key; expected \"after\" or \"onExpiry\""),
        ] as [(String, String?)])
    func keys(json: String, message: String?) {
        let result = failure(json) { reader in
            guard let object = reader.object("a timeout's settings") else { return }
            _ = object.required("after")
            _ = object.optional("onExpiry")
            object.finish(unsupported: ["idle"])
        }
        #expect(result == message)
    }

    @Test(
        "A choice of one takes exactly one",
        arguments: [
            (#"{"count":1}"#, nil),
            ("{}", #"f:1:1: missing one of the keys "count" or "time""#),
            (#"{"cuont":1}"#, #"f:1:2: cuont: unknown key; did you mean "count"?"#),
            (#"{"time":1,"count":1}"#, #"f:1:11: count: stands beside "time"; give only one of "count" and "time""#),
            (#"{"decay":1}"#, #"f:1:2: decay: not supported by this version yet; it supports "count" and "time""#),
        ] as [(String, String?)])
    func choices(json: String, message: String?) {
        let result = failure(json) { reader in
            guard let object = reader.object("a window") else { return }
            _ = object.exactlyOne(of: ["count", "time"], unsupported: ["decay"])
            object.finish(unsupported: ["decay"])
        }
        #expect(result == message)
    }

    @Test("The members of a map come in the order of the file, and odd keys are quoted in paths")
    func maps() {
        let result = failure(#"{"z":1,"a.B/C":{"d":[0,true]},"":3,"x\u001b":4}"#) { reader in
            for member in reader.object("numbers")?.members ?? [] {
                if member.value.isObject {
                    _ = member.value.object("more")?.required("d")?.array("numbers")?.compactMap { $0.integer() }
                } else {
                    member.keyReader.fail("here")
                }
            }
        }
        #expect(
            result == """
                f:1:2: z: here
                f:1:24: ["a.B/C"].d[1]: expected a whole number, found true
                f:1:31: [""]: here
                f:1:36: ["x\\u001b"]: here
                """)
    }

    @Test("All errors of a document are reported in one run, in the order of the file")
    func allErrors() {
        let result = failure("{\"a\": true,\n \"b\": 2}") { reader in
            guard let object = reader.object("settings") else { return }
            _ = object.required("b")?.bool()
            _ = object.required("a")?.integer()
            _ = object.required("c")
            object.finish()
        }
        #expect(
            result == """
                f:1:1: missing key "c"
                f:1:7: a: expected a whole number, found true
                f:2:7: b: expected true or false, found the number 2
                """)
    }

    @Test("A hopeless document stops being examined after a thousand findings")
    func manyErrors() {
        let json = "{" + (0..<100_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
        let result = failure(json) { $0.object("nothing")?.finish() }
        #expect(result?.split(separator: "\n").count == 1000)
    }
}
