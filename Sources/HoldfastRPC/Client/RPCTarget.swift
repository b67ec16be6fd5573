/// Where a client connects to.
enum RPCTarget: Hashable, Sendable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// What the server sees as `:authority`.
    var authority: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix: "localhost"
        }
    }

    var isTCP: Bool {
        if case .tcp = self { return true }
        return false
    }

    var description: String {
        switch self {
        case .tcp: authority
        case .unix(let path): path
        }
    }
}
