import NIOCore
import NIOHTTP1

/// Who a client is to the limits.
struct ClientIdentity: Sendable {
    private static let header = "X-API-Key"

    let apiKeys: Set<String>

    /// The client's key if it shows one, else its address.
    /// - Parameter address: where the connection comes from.
    func key(_ headers: HTTPHeaders, _ address: SocketAddress?) throws(HTTPRefusal) -> String {
        guard let shown = headers.first(name: Self.header), !apiKeys.isEmpty else { return Self.place(of: address) }
        // No difference in time tells how much of a guess was right: the set compares hashes first.
        guard apiKeys.contains(shown) else {
            throw HTTPRefusal(.unauthorized, "\(Self.header) is no key that is known here", headers: ["WWW-Authenticate": "ApiKey"])
        }
        return Self.keyPrefix + shown
    }

    private static let keyPrefix = "key "

    /// What a client is called where others can read it: of a key only as much as tells it from others.
    static func name(of key: String) -> String {
        key.hasPrefix(keyPrefix) ? "\(key.prefix(keyPrefix.count + 4))…" : key
    }

    /// An address of IPv4, or the network of 64 bits that one of IPv6 belongs to: who has one address there has them all.
    static func place(of address: SocketAddress?) -> String {
        switch address {
        case .v4: address?.ipAddress ?? ""
        case .v6: network(of: address?.ipAddress ?? "")
        default: "local"
        }
    }

    /// - Parameter text: an address of IPv6 as the system writes it (RFC 5952).
    private static func network(of text: String) -> String {
        // An address of IPv4 as a socket of IPv6 sees it (RFC 4291, 2.5.5.2).
        if text.hasPrefix("::ffff:"), text.contains(".") { return String(text.dropFirst(7)) }
        let sides = text.split(separator: "::", omittingEmptySubsequences: false).map { $0.split(separator: ":").map(String.init) }
        let zeros = Array(repeating: "0", count: max(8 - sides.joined().count, 0))
        return sides.joined(separator: zeros).prefix(4).joined(separator: ":") + "::/64"
    }
}
