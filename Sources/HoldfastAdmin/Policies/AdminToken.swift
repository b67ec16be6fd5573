public import Holdfast

/// What proves that somebody may change something at an admin address: a secret that both know.
public struct AdminToken: Sendable {
    /// The secret itself.
    public let text: String

    /// Takes a secret as it is.
    /// - Parameter text: 16 to 256 visible characters of ASCII, without spaces.
    /// - Throws: `ConfigurationError` for any other.
    public init(_ text: String) throws(ConfigurationError) {
        guard (16...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            // The secret is not repeated: errors end up in logs.
            throw ConfigurationError("token", "what was given", "is not 16 to 256 visible characters of ASCII without spaces")
        }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// A new secret of 256 bits from the system's generator.
    public static func random() -> AdminToken {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() as UInt64 }
        return AdminToken(
            unchecked: words.map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined())
    }

    /// Whether that is the secret. How long it takes does not depend on how much of it is right.
    public func matches(_ attempt: some StringProtocol) -> Bool {
        let (secret, attempt) = (Array(text.utf8), Array(attempt.utf8))
        var difference = secret.count ^ attempt.count
        for index in secret.indices { difference |= Int(secret[index] ^ (index < attempt.count ? attempt[index] : 0)) }
        return difference == 0
    }
}
