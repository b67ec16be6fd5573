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
        case .v6(let v6):
            withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
                // An address of IPv4 as a socket of IPv6 sees it (RFC 4291, 2.5.5.2).
                if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
                    return bytes[12...].map { String($0) }.joined(separator: ".")
                }
                return stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                    .joined(separator: ":") + "::/64"
            }
        default: "local"
        }
    }
}
