/// A strict RFC 8259 parser that keeps the position of every value; in the dialect JSON5 it takes comments, trailing commas, keys
/// without quotes and strings in single quotes besides.
///
/// It goes on after an error wherever it can, so that one reading finds them all (`JSONParser+Recovery.swift`). It recurses, but never
/// deeper than `maximumDepth`. Duplicate keys are kept; `DocumentReader` reports them.
struct JSONParser {
    static let maximumDepth = 64

    let bytes: [UInt8]
    let dialect: JSONDialect
    var offset = 0
    /// What was wrong so far, in the order of the text.
    var errors: [JSONSyntaxError] = []
    /// Whether the comma that comes next may be missing, since the string before it took it in.
    var mayLackComma = false
    /// Whether a comment that the dialect does not have was reported: once is enough.
    private var hasReportedComment = false
    private var marker = PositionMarker()

    /// An object or array that is being read.
    struct Container {
        let noun: String
        let close: Unicode.Scalar
        let start: SourcePosition
    }

    /// Parses a whole document of valid or invalid UTF-8.
    static func parse(_ bytes: [UInt8], _ dialect: JSONDialect) throws(JSONSyntaxError) -> JSONNode {
        let (node, errors) = read(bytes, dialect)
        if let error = errors.first { throw error }
        return node
    }

    /// Parses a whole document of valid or invalid UTF-8, as far as it can be understood.
    /// - Returns: the value, in which what was not understood is broken, and all errors in the order of the text.
    static func read(_ bytes: [UInt8], _ dialect: JSONDialect) -> (node: JSONNode, errors: [JSONSyntaxError]) {
        var parser = JSONParser(bytes: bytes, dialect: dialect)
        do {
            return (try parser.document(), parser.errors)
        } catch {
            try? parser.note(error)
            return (.broken(at: .start), parser.errors)
        }
    }

    private init(bytes: [UInt8], dialect: JSONDialect) {
        self.bytes = bytes
        self.dialect = dialect
    }

    private mutating func document() throws(JSONSyntaxError) -> JSONNode {
        try checkEncoding()
        try skipWhitespace()
        guard !isAtEnd else { throw failure("the document is empty; expected a JSON value") }
        let node = try value(depth: 1)
        try skipWhitespace()
        if !isAtEnd { try note(failure("expected the end of the document, found \(found)\(hint)")) }
        return node
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONNode {
        let position = position
        let value: JSONValue
        switch peek {
        case UInt8(ascii: "{"): return try object(from: position, depth: depth)
        case UInt8(ascii: "["): value = try array(from: position, depth: depth)
        case UInt8(ascii: "\""): return try stringValue(at: position)
        case UInt8(ascii: "'") where dialect == .json5: return try stringValue(at: position)
        case UInt8(ascii: "-"): value = .number(try number())
        case _ where isDigit: value = .number(try number())
        case UInt8(ascii: "t") where skip("true"): value = .bool(true)
        case UInt8(ascii: "f") where skip("false"): value = .bool(false)
        case UInt8(ascii: "n") where skip("null"): value = .null
        default: throw failure("expected a value, found \(found)\(hint)")
        }
        return JSONNode(value: value, position: position)
    }

    private mutating func stringValue(at position: SourcePosition) throws(JSONSyntaxError) -> JSONNode {
        guard let text = try string() else { return .broken(at: position) }
        return JSONNode(value: .string(text), position: position)
    }

    private mutating func object(from start: SourcePosition, depth: Int) throws(JSONSyntaxError) -> JSONNode {
        let object = Container(noun: "object", close: "}", start: start)
        try checkDepth(depth)
        offset += 1
        try skipWhitespace()
        var members: [JSONMember] = []
        // What an object lacks cannot be told once one of its keys was not understood.
        var isBroken = false
        while !skip("}") {
            let keyPosition = position
            var key: String?
            var node = JSONNode.broken(at: keyPosition)
            do throws(JSONSyntaxError) {
                key = try self.key(in: object, isFirst: members.isEmpty)
                node = try memberValue(of: key, in: object, depth: depth)
            } catch {
                try recover(from: error)
            }
            if let key { members.append(JSONMember(key: key, keyPosition: keyPosition, node: node)) } else { isBroken = true }
            try separator(in: object)
        }
        return isBroken ? .broken(at: start) : JSONNode(value: .object(members), position: start)
    }

    private mutating func memberValue(of key: String?, in object: Container, depth: Int) throws(JSONSyntaxError) -> JSONNode {
        try skipWhitespace()
        guard skip(":") else {
            throw failure("expected : after the key\(key.map { " \(quoted($0))" } ?? ""), found \(found(within: object))")
        }
        try skipWhitespace()
        guard !isAtEnd else { throw failure("expected a value, found \(found(within: object))") }
        return try value(depth: depth + 1)
    }

    /// Reads a key; nil if it is none and was reported.
    private mutating func key(in object: Container, isFirst: Bool) throws(JSONSyntaxError) -> String? {
        if peek == UInt8(ascii: "\"") { return try string() }
        let key = dialect == .json5 ? "a key" : "a key in double quotes"
        let error = failure("expected \(isFirst ? "\(key) or }" : key), found \(found(within: object))\(hint)")
        if peek == UInt8(ascii: "'") {
            if dialect == .json { try note(error) }
            return try string()
        }
        let name = bytes[offset...].prefix { Self.isNameByte($0) }
        guard let first = name.first, first < 0x80, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { throw error }
        if dialect == .json { try note(error) }
        offset = name.endIndex
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func array(from start: SourcePosition, depth: Int) throws(JSONSyntaxError) -> JSONValue {
        let array = Container(noun: "array", close: "]", start: start)
        try checkDepth(depth)
        offset += 1
        try skipWhitespace()
        var elements: [JSONNode] = []
        while !skip("]") {
            var node = JSONNode.broken(at: position)
            do throws(JSONSyntaxError) {
                guard !isAtEnd else { throw failure("expected a value or ], found \(found(within: array))") }
                node = try value(depth: depth + 1)
            } catch {
                try recover(from: error)
            }
            elements.append(node)
            try separator(in: array)
        }
        return .array(elements)
    }

    /// Reads the comma after an element, or nothing if the closing bracket follows.
    private mutating func separator(in container: Container) throws(JSONSyntaxError) {
        try skipWhitespace()
        let closing = UInt8(ascii: container.close)
        guard peek != closing else { return }
        let comma = offset
        guard skip(",") else { return try recoverSeparator(in: container) }
        try skipWhitespace()
        if peek == closing, dialect == .json { try note(failure(at: comma, "a comma before \(container.close) is not allowed; remove it")) }
    }

    /// Goes on where a comma ought to be and is not.
    private mutating func recoverSeparator(in container: Container) throws(JSONSyntaxError) {
        let isExpected = mayLackComma
        mayLackComma = false
        if isExpected, peek == UInt8(ascii: "\"") { return }
        let error = failure("expected , or \(container.close), found \(found(within: container))\(hint)")
        if mayBeginElement(of: container) { return try note(error) }
        // After the bracket of another container nobody can tell what is nested how.
        try recover(from: peek == UInt8(ascii: "}") || peek == UInt8(ascii: "]") ? error.final : error)
        try separator(in: container)
    }

    private func mayBeginElement(of container: Container) -> Bool {
        switch peek {
        case UInt8(ascii: "\""): true
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "-"): container.close == "]"
        default: container.close == "]" && isDigit
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth) levels").final }
    }
}

// MARK: - Reading bytes

extension JSONParser {
    var isAtEnd: Bool { offset == bytes.count }

    var peek: UInt8? { isAtEnd ? nil : bytes[offset] }

    var isDigit: Bool {
        guard let byte = peek else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Steps over white space and comments, those that the dialect does not have too.
    mutating func skipWhitespace() throws(JSONSyntaxError) {
        while let byte = peek {
            if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
                offset += 1
            } else {
                guard byte == UInt8(ascii: "/") || byte == UInt8(ascii: "#") else { return }
                let start = offset
                guard try skipComment() else { return }
                if dialect == .json || byte == UInt8(ascii: "#") { try reportComment(at: start) }
            }
        }
    }

    private mutating func reportComment(at start: Int) throws(JSONSyntaxError) {
        guard !hasReportedComment else { return }
        hasReportedComment = true
        let advice = "JSON has no comments (files that end in .json5 or .jsonc may)"
        try note(failure(at: start, dialect == .json ? advice : "a comment begins with // or /*, not with #"))
    }

    /// - Returns: false if the `/` that comes next begins no comment.
    mutating func skipComment() throws(JSONSyntaxError) -> Bool {
        let start = offset
        switch (bytes[offset], offset + 1 < bytes.count ? bytes[offset + 1] : 0) {
        case (UInt8(ascii: "#"), _), (_, UInt8(ascii: "/")):
            offset = bytes[offset...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
        case (_, UInt8(ascii: "*")):
            offset += 2
            while offset + 1 < bytes.count, bytes[offset] != UInt8(ascii: "*") || bytes[offset + 1] != UInt8(ascii: "/") { offset += 1 }
            guard offset + 1 < bytes.count else {
                offset = bytes.count
                throw failure(at: start, "this comment is not closed; close it with */")
            }
            offset += 2
        default:
            return false
        }
        return true
    }

    /// Steps over `token` if it comes next; a word must also end there.
    mutating func skip(_ token: StaticString) -> Bool {
        let end = offset + token.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let matches = token.withUTF8Buffer { bytes[offset..<end].elementsEqual($0) }
        guard matches, token.utf8CodeUnitCount == 1 || end == bytes.count || !Self.isWordByte(bytes[end]) else { return false }
        offset = end
        return true
    }

    /// What a key without quotes is made of.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "+") && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ".") && isWordByte(byte) || byte == UInt8(ascii: "$")
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...0xFF: true
        default: false
        }
    }
}

// MARK: - Positions and messages

extension JSONParser {
    var position: SourcePosition {
        mutating get { marker.position(at: offset, in: bytes) }
    }

    func failure(at offset: Int? = nil, _ message: String) -> JSONSyntaxError {
        var marker = marker
        return JSONSyntaxError(position: marker.position(at: offset ?? self.offset, in: bytes), message: message)
    }

    /// What comes next, in words: a word, a character, or the end.
    var found: String {
        guard let byte = peek else { return "the end of the document" }
        guard Self.isWordByte(byte) else { return quoted(String(decoding: bytes[offset...offset], as: UTF8.self)) }
        return quoted(word)
    }

    private var word: String {
        String(decoding: bytes[offset...].prefix { Self.isWordByte($0) }, as: UTF8.self)
    }

    private func found(within container: Container) -> String {
        let start = container.start
        return isAtEnd ? "the end of the document, within the \(container.noun) that begins at \(start.line):\(start.column)" : found
    }

    /// Advice for the habits people bring from other languages.
    private var hint: String {
        switch peek {
        case UInt8(ascii: "'"): "; JSON strings take double quotes"
        case UInt8(ascii: "+"), UInt8(ascii: "."): "; a number begins with a digit or -"
        case .some(0x80...): unfamiliarCharacter
        default:
            switch word.lowercased() {
            case "nan", "inf", "infinity": "; JSON numbers are finite"
            case "true", "false": "; write \(word.lowercased())"
            case "null", "nil", "none", "undefined": "; write null"
            default: ""
            }
        }
    }

    /// Advice for what a word processor or a web page puts in place of quotes and spaces.
    private var unfamiliarCharacter: String {
        guard let scalar = word.unicodeScalars.first else { return "" }
        switch scalar {
        case "\u{2018}"..."\u{201F}", "\u{AB}", "\u{BB}": return "; JSON strings take straight double quotes"
        case _ where scalar.properties.isWhitespace || isUnprintable(scalar):
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "; U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits) is no white space of JSON, write a space"
        default: return ""
        }
    }

    /// Everything after this may take the bytes for valid UTF-8.
    private func checkEncoding() throws(JSONSyntaxError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw failure("the document begins with a byte order mark; save it as UTF-8 without one")
        }
        // Of two bytes for a character that JSON begins with, one is zero.
        let halves = bytes.prefix(2).count { $0 == 0 }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) || bytes.count > 1 && halves == 1 {
            throw failure("the document is UTF-16; save it as UTF-8")
        }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            let byte = String(bytes[error.byteOffsets.lowerBound], radix: 16, uppercase: true)
            throw failure(at: error.byteOffsets.lowerBound, "the byte 0x\(byte) is no valid UTF-8 here; save the document as UTF-8")
        }
    }
}
