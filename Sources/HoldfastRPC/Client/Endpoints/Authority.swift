import Holdfast

/// What names a server in a request, and where it goes in unchanged: what has a meaning of its own in HTTP/2 must not be in it.
enum Authority {
    /// Refuses what is neither a host nor an address nor one of these with a port (RFC 3986, 3.2, without what stands before an `@`).
    static func check(_ field: String, _ text: String) throws(ConfigurationError) {
        guard text.isEmpty || !text.utf8.allSatisfy(isAllowed) else { return }
        let problem = "is no name or address: use one or more ASCII letters, digits and any of \(punctuation)"
        throw ConfigurationError(field, "\"\(text.printable)\"", problem)
    }

    /// Refuses what is no host: an address of IPv6 stands in brackets only where a port follows.
    static func checkHost(_ field: String, _ text: String) throws(ConfigurationError) {
        try check(field, text)
        guard text.contains("[") || text.contains("]") else { return }
        throw ConfigurationError(field, "\"\(text.printable)\"", "is no name or address: write an IPv6 address without brackets")
    }

    private static let punctuation = "-._~:[]%!$&'()*+,;="

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: punctuation.utf8.contains(byte)
        }
    }
}
