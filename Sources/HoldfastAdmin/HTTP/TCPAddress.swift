package import NIOCore

/// An address of TCP: of IPv4 or IPv6, and a port.
package struct TCPAddress: Sendable, Hashable {
    /// Why a text is no address.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    package let socketAddress: SocketAddress

    package init(_ socketAddress: SocketAddress) {
        self.socketAddress = socketAddress
    }

    /// A port on loopback; 0 for a free one.
    package init(loopback port: Int) throws(Malformed) {
        try self.init("127.0.0.1:\(port)")
    }

    /// Reads `HOST:PORT`, of which the host is an address or a name that the system knows; an address of IPv6 stands in brackets.
    ///
    /// A name is looked up at once, which may take a while.
    package init(_ text: String) throws(Malformed) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else {
            throw Malformed(description: "expected an address and a port of 0 to 65535, such as 127.0.0.1:6379 or [::1]:6379")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw Malformed(description: "an address of IPv6 stands in brackets: [\(host)]:\(port)")
        }
        if host == "localhost" { host = "127.0.0.1" }
        do {
            socketAddress = try SocketAddress.makeAddressResolvingHost(host, port: port)
        } catch {
            throw Malformed(description: "there is no host \"\(host)\"")
        }
    }

    /// The port.
    package var port: Int { socketAddress.port ?? 0 }

    /// `127.0.0.1:8080`, `[::1]:8080`.
    package var text: String { socketAddress.text }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool { socketAddress.ipAddress.map { $0.hasPrefix("127.") || $0 == "::1" } ?? false }

    /// Whether who connects here reaches a server of this machine that listens there. Of the machine's addresses only those of loopback are
    /// known for its own.
    package func isReached(through listener: TCPAddress) -> Bool {
        guard port == listener.port, port != 0, let address = socketAddress.ipAddress else { return false }
        // To connect to no address in particular is to connect to loopback.
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][address] ?? address
        return switch listener.socketAddress.ipAddress {
        case "0.0.0.0": host.hasPrefix("127.")
        // Those of IPv4 too, unless the system is told otherwise.
        case "::": host.hasPrefix("127.") || host == "::1"
        case let own: host == own
        }
    }
}

extension SocketAddress {
    package var text: String {
        guard let address = ipAddress else { return "\(self)" }
        return address.contains(":") ? "[\(address)]:\(port ?? 0)" : "\(address):\(port ?? 0)"
    }
}
