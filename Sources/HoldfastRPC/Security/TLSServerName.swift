#if TLS
import Holdfast
import NIOCore

/// The name that a server is asked for (SNI, RFC 6066), and that its certificate must bear.
enum TLSServerName {
    /// The name in `authority` (`say.test:443`); nil for an address, for which the certificate is then checked.
    ///
    /// The authority and not the endpoint, since the addresses that a name led to are not what the caller asked for.
    static func of(authority: String) throws(ConfigurationError) -> String? {
        // Addresses of IPv6 stand in brackets.
        guard !authority.hasPrefix("[") else { return nil }
        var host = authority[...]
        if let colon = host.lastIndex(of: ":") { host = host[..<colon] }
        if isAddress(String(host)) { return nil }
        // A name that ends with a dot is absolute in DNS only.
        if host.hasSuffix(".") { host.removeLast() }
        let name = String(host)
        guard let problem = problem(name) else { return name }
        throw ConfigurationError("host", "\"\(name.printable)\"", problem)
    }

    static func check(_ name: String, _ field: String) throws(ConfigurationError) {
        if isAddress(name) {
            throw ConfigurationError(field, name, "is an address; give a DNS name, or nil to check for the address connected to")
        }
        if let problem = problem(name) { throw ConfigurationError(field, name, problem) }
    }

    private static func problem(_ name: String) -> String? {
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isPlain && (1...255).contains(name.utf8.count) ? nil : "is no DNS name of 1 to 255 ASCII characters"
    }

    private static func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }
}
#endif
