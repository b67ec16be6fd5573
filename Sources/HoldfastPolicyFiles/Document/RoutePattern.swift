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
        let bytes = text.utf8Span.span
        guard let slash = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "/") }) else { return nil }
        let (service, name) = (bytes.extracting(..<slash), bytes.extracting((slash + 1)...))
        guard Self.isName(service, dots: true) else { return nil }
        let isService = name.count == 1 && name[0] == UInt8(ascii: "*")
        guard isService || Self.isName(name, dots: false) else { return nil }
        let end = text.utf8.index(text.startIndex, offsetBy: slash)
        let serviceName = String(text[..<end])
        self = isService ? .service(serviceName) : .method(service: serviceName, name: String(text[text.utf8.index(after: end)...]))
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
    private static func isName(_ text: Span<UInt8>, dots: Bool) -> Bool {
        var beginsIdentifier = true
        for index in text.indices {
            let byte = text[index]
            if dots, !beginsIdentifier, byte == UInt8(ascii: ".") {
                beginsIdentifier = true
            } else {
                guard isLetter(byte) || !beginsIdentifier && isDigit(byte) else { return false }
                beginsIdentifier = false
            }
        }
        return !beginsIdentifier
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
}
