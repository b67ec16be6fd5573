import Holdfast

/// Where a server can be reached.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    enum Place: Hashable, Sendable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    let place: Place

    /// A server reached over TCP.
    /// - Parameters:
    ///   - host: a name, or an IPv4 or IPv6 address. A name with several addresses counts as one endpoint here.
    ///   - port: 1 to 65535.
    public static func tcp(host: String, port: Int) -> Endpoint {
        Endpoint(place: .tcp(host: host, port: port))
    }

    /// A server reached over a Unix domain socket.
    public static func unix(path: String) -> Endpoint {
        Endpoint(place: .unix(path: path))
    }

    /// Refuses what is no place.
    func check() throws(ConfigurationError) {
        switch place {
        case .tcp(let host, let port):
            try Authority.checkHost("host", host)
            try Require.within("port", port, 1...65_535)
        case .unix(let path):
            if path.isEmpty { throw ConfigurationError("path", "\"\"", "is empty; name a Unix domain socket") }
        }
    }

    /// What the server sees as `:authority`.
    var authority: String {
        switch place {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix: "localhost"
        }
    }

    var isTCP: Bool {
        if case .tcp = place { return true }
        return false
    }

    /// `127.0.0.1:50051`, or the path of the socket.
    public var description: String {
        switch place {
        case .tcp: authority
        case .unix(let path): path
        }
    }
}
