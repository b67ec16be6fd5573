/// Which methods a route covers.
public enum RoutePattern: Hashable, Sendable, CustomStringConvertible {
    /// One method of a service: `grpconepb.grpconepb/SayHi`.
    case method(service: String, name: String)
    /// All methods of a service: `echoserver.EchoService/*`.
    case service(String)
    /// All methods: `*`.
    case all

    /// What patterns look like, as a regular expression.
    static let pattern = #"^(\*|[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*/(\*|[A-Za-z_][A-Za-z0-9_]*))$"#

    /// Parses a pattern.
    /// - Returns: nil for anything but `*`, `package.Service/*` and `package.Service/Method`.
    public init?(_ text: String) {
        if text == "*" {
            self = .all
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isName(parts[0], dots: true) else { return nil }
        if parts[1] == "*" {
            self = .service(String(parts[0]))
        } else if Self.isName(parts[1], dots: false) {
            self = .method(service: String(parts[0]), name: String(parts[1]))
        } else {
            return nil
        }
    }

    /// The pattern as a policy file writes it.
    public var description: String {
        switch self {
        case .method(let service, let name): "\(service)/\(name)"
        case .service(let service): "\(service)/*"
        case .all: "*"
        }
    }

    /// Whether a text is an identifier of protobuf, or several with dots between.
    private static func isName(_ text: Substring, dots: Bool) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (dots || parts.count == 1)
            && parts.allSatisfy { part in
                part.utf8.first.map { !Self.isDigit($0) } == true && part.utf8.allSatisfy { Self.isLetter($0) || Self.isDigit($0) }
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
}
