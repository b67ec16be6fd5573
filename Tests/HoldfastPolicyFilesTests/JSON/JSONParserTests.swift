import HoldfastPolicyFiles
import Testing

@Suite struct JSONParserTests {
    @Test(
        "A text that is no JSON gives one error with its position and what would be right",
        arguments: [
            ("", "1:1: the document is empty; expected a JSON value"),
            ("  \n", "2:1: the document is empty; expected a JSON value"),
            ("{", "1:2: expected a key in double quotes or }, found the end of the document, within the object that begins at 1:1"),
            (#"{"a""#, #"1:5: expected : after the key "a", found the end of the document, within the object that begins at 1:1"#),
            (#"{"a":"#, "1:6: expected a value, found the end of the document, within the object that begins at 1:1"),
            (#"{"a":1"#, "1:7: expected , or }, found the end of the document, within the object that begins at 1:1"),
            (#"{"a":1,"#, "1:8: expected a key in double quotes, found the end of the document, within the object that begins at 1:1"),
            ("[\n[1", "2:3: expected , or ], found the end of the document, within the array that begins at 2:1"),
            ("[", "1:2: expected a value or ], found the end of the document, within the array that begins at 1:1"),
            (#"{"a":1,}"#, "1:7: a comma before } is not allowed; remove it"),
            ("[1,\n]", "1:3: a comma before ] is not allowed; remove it"),
            ("[1 2]", #"1:4: expected , or ], found "2""#),
            ("[1,,2]", #"1:4: expected a value, found ",""#),
            ("[1}", #"1:3: expected , or ], found "}""#),
            ("{a:1}", #"1:2: expected a key in double quotes or }, found "a""#),
            ("{'a':1}", #"1:2: expected a key in double quotes or }, found "'"; JSON strings take double quotes"#),
            (#"{"a" 1}"#, #"1:6: expected : after the key "a", found "1""#),
            (#"{"a":}"#, #"1:6: expected a value, found "}""#),
            ("nul", #"1:1: expected a value, found "nul""#),
            ("True", #"1:1: expected a value, found "True"; write true"#),
            ("None", #"1:1: expected a value, found "None"; write null"#),
            ("truest", #"1:1: expected a value, found "truest""#),
            ("// hi\n1", "1:1: JSON has no comments (files that end in .json5 or .jsonc may)"),
            ("{ /* c */ } // again", "1:3: JSON has no comments (files that end in .json5 or .jsonc may)"),
            ("/1", #"1:1: expected a value, found "/""#),
            ("1 2", #"1:3: expected the end of the document, found "2""#),
            ("{} # bye", "1:4: JSON has no comments (files that end in .json5 or .jsonc may)"),
            ("\u{1}", #"1:1: expected a value, found "\u0001""#),
        ])
    func syntax(text: String, message: String) {
        #expect(failure(text) == "f:\(message)")
    }

    @Test(
        "A number that JSON does not have, or that no double can hold, is an error at its beginning",
        arguments: [
            ("NaN", #"expected a value, found "NaN"; JSON numbers are finite"#),
            ("Infinity", #"expected a value, found "Infinity"; JSON numbers are finite"#),
            ("-Infinity", #""-Infinity" is no JSON number: a number begins with a digit after -"#),
            ("01", "a number may not begin with 0; remove the leading zero"),
            ("-", #""-" is no JSON number: a number begins with a digit after -"#),
            ("+1", #"expected a value, found "+1"; a number begins with a digit or -"#),
            (".5", #"expected a value, found ".5"; a number begins with a digit or -"#),
            ("5.", #""5." is no JSON number: a decimal point must be followed by a digit"#),
            ("1e+", #""1e+" is no JSON number: an exponent must have a digit"#),
            ("0x10", #""0x10" is no JSON number; write it in decimal digits, such as 12, 0.5 or 1e3"#),
            ("1.2.3", #""1.2.3" is no JSON number; write it in decimal digits, such as 12, 0.5 or 1e3"#),
            ("1_000", #""1_000" is no JSON number; write it in decimal digits, such as 12, 0.5 or 1e3"#),
            ("1e999", "the number 1e999 is too large; the limit is about 1.8e308"),
            ("-1e99999999999999999999", "the number -1e99999999999999999999 is too large; the limit is about 1.8e308"),
            ("1e-999", "the number 1e-999 is too small to tell from 0; write 0"),
        ])
    func numbers(text: String, message: String) {
        #expect(failure(text) == "f:1:1: \(message)")
    }

    @Test(
        "A string that is not closed or has a bad escape is an error where it goes wrong",
        arguments: [
            (#""abc"#, "1:1: this string is not closed before the end of the document"),
            ("\"a\nb\"", #"1:1: this string is not closed on its line; close it, or write \n for a line break"#),
            ("\"a\tb\"", #"1:3: a string may not contain a tab as it is; write \t"#),
            ("\"\u{1}\"", #"1:2: a string may not contain the control character U+0001 as it is; write \u0001"#),
            (#""\x""#, #"1:2: a backslash must begin one of \" \\ \/ \b \f \n \r \t \uXXXX; write \\ for a backslash itself"#),
            (#""\u12""#, #"1:2: \u must be followed by four hexadecimal digits"#),
            (#""a\ud800""#, #"1:3: \ud800 is half of a surrogate pair; write both halves, or the character itself"#),
            (#""\ud800\u0041""#, #"1:2: \ud800 is half of a surrogate pair; write both halves, or the character itself"#),
            (#""\udc00""#, #"1:2: \udc00 is half of a surrogate pair; write both halves, or the character itself"#),
            (#""\"#, "1:2: the document ends within a string"),
        ])
    func strings(text: String, message: String) {
        #expect(failure(text) == "f:\(message)")
    }

    @Test(
        "Bytes that are no UTF-8 without a mark are an error",
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x31], "1:1: the document begins with a byte order mark; save it as UTF-8 without one"),
            ([0xFF, 0xFE, 0x31, 0x00], "1:1: the document is UTF-16; save it as UTF-8"),
            ([0x7B, 0x00, 0x7D, 0x00], "1:1: the document is UTF-16; save it as UTF-8"),
            ([0x00, 0x7B, 0x00, 0x7D], "1:1: the document is UTF-16; save it as UTF-8"),
            ([0x22, 0xFF, 0x22], "1:2: the byte 0xFF is no valid UTF-8 here; save the document as UTF-8"),
            ([0x22, 0xC3, 0xA9, 0xC0, 0x80, 0x22], "1:3: the byte 0xC0 is no valid UTF-8 here; save the document as UTF-8"),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], "1:2: the byte 0xED is no valid UTF-8 here; save the document as UTF-8"),
            ([0x22, 0xE2, 0x82], "1:2: the byte 0xE2 is no valid UTF-8 here; save the document as UTF-8"),
        ] as [([UInt8], String)])
    func encoding(bytes: [UInt8], message: String) {
        #expect(failure(bytes) == "f:\(message)")
    }

    @Test(
        "An error costs the element that it is in, and the rest is read on",
        arguments: [
            ("[1 2 x, 3]", ["1:4", "1:6"], "[1,2,3]"),
            ("[x, 1, y, 2, .5]", ["1:2", "1:8", "1:14"], "[null,1,null,2,null]"),
            ("[1, [2, x,], 3,]", ["1:9", "1:10", "1:15"], "[1,[2,null],3]"),
            (#"{"a": True, "b": 1s, "c": 1}"#, ["1:7", "1:18"], #"{"a":null,"b":null,"c":1}"#),
            (#"{"a": True "b": 1, "c": 1}"#, ["1:7"], #"{"a":null,"c":1}"#),
            ("{\"a\": True\n \"b\": 1,\n \"c\": 01}", ["1:7", "2:2", "3:7"], #"{"a":null,"b":1,"c":null}"#),
            ("{\"a\": \"b,\n \"c\": 1}", ["1:7"], #"{"a":null,"c":1}"#),
            (#"{a: 1, "b" 2, 'c': 3, "d": }"#, ["1:2", "1:12", "1:15", "1:28"], #"{"a":1,"b":null,"c":3,"d":null}"#),
            (#"[{"a\x": 1}, {"b": "\y\z"}, 2 // three"#, ["1:5", "1:21", "1:23", "1:31", "1:39"], nil),
            (#"[{"a\x": 1, "b": 2}, {"b": "\y\z"}, {2: 3}, 4]"#, ["1:5", "1:29", "1:31", "1:38"], #"[null,{"b":null},null,4]"#),
            ("{\"a\": [x { \"}\" } # , ]\n, 1], \"b\": 2}", ["1:8"], #"{"a":[null,1],"b":2}"#),
            ("[1, {\"a\": [2}, 3]", ["1:13"], nil),
            ("[x, 1", ["1:2", "1:6"], nil),
            ("[\"a\\\n, 1]", ["1:2", "1:4"], "[null,1]"),
        ] as [(String, [String], String?)])
    func recovery(text: String, positions: [String], value: String?) {
        var read: String?
        let errors = failure(text) { read = $0.isBroken ? nil : $0.node.jsonText } ?? ""
        #expect(errors.split(separator: "\n").map { $0.split(separator: ": ")[0].dropFirst(2) } == positions.map { $0[...] })
        #expect(read == value)
    }

    @Test("A document of nothing but errors is not read to its end", arguments: ["[x,", "[1 ", "[\"\\x\\x", "{a:1,", "[1,]"])
    func maximum(start: String) {
        let text = start + String(repeating: String(start.dropFirst()), count: 1_000_000)
        #expect(failure(text)?.split(separator: "\n").count ?? 0 <= 20)
    }

    @Test("Nesting is bounded, however deep the text goes", arguments: [65, 1_000_000])
    func depth(levels: Int) {
        #expect(failure(String(repeating: "[", count: levels)) == "f:1:65: nested deeper than 64 levels")
        #expect(failure(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) == nil)
    }

    @Test("A document above 16 MiB is refused before it is parsed")
    func size() {
        #expect(failure([UInt8](repeating: 0x20, count: 16 << 20 + 1)) == "f: the file is larger than 16 MiB")
    }

    @Test("A key that stands twice is an error at the second, at any depth, and does not hide others")
    func duplicateKeys() {
        #expect(
            failure(#"{"a":1,"b":[{"c":1,"c":2}],"a":3}"#) == """
                f:1:20: b[0].c: the key stands twice, first at 1:14; remove one
                f:1:28: a: the key stands twice, first at 1:2; remove one
                """)
    }

    @Test(
        "A valid text is read as it stands",
        arguments: [
            #"{"b":[1,-0,1.50e+3,true,false,null],"a":{}}"#,
            #""é😀\n\"\\""#,
            "12345678901234567890",
        ])
    func valid(text: String) throws {
        #expect(try read(text) { $0.node.jsonText } == text)
    }

    @Test("Escapes become the characters they stand for")
    func escapes() throws {
        #expect(try read(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\uDE00""#) { $0.string() } == "\"\\/\u{8}\u{C}\n\r\té😀")
    }

    @Test(
        "Positions count scalars, and \\n, \\r\\n and \\r end a line",
        arguments: [("[\"é😀\", x]", "1:8"), ("[1\r\n,\r\nx]", "3:1"), ("[1\r,\rx]", "3:1"), ("[\n\t x]", "2:3")])
    func positions(text: String, position: String) {
        #expect(failure(text) == #"f:\#(position): expected a value, found "x""#)
    }
}

func read<Value>(_ text: String, _ body: (ValueReader) -> Value?) throws(DocumentError) -> Value {
    try DocumentReader.read(file: "f", bytes: Array(text.utf8), body)
}

func failure(_ text: String, _ body: (ValueReader) -> Void = { _ in }) -> String? {
    failure(Array(text.utf8), body)
}

func failure(_ bytes: [UInt8], _ body: (ValueReader) -> Void = { _ in }) -> String? {
    do {
        try DocumentReader.read(file: "f", bytes: bytes) { reader -> Void? in body(reader) }
        return nil
    } catch {
        return error.description
    }
}
