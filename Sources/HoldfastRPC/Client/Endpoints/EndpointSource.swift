import Holdfast

/// Where a client's endpoints come from.
enum EndpointSource: Sendable, CustomStringConvertible {
    /// A list that does not change.
    case fixed([Endpoint])
    /// The addresses of a name, one endpoint each.
    case name(host: String, port: Int)

    func check() throws(ConfigurationError) {
        switch self {
        case .fixed(let endpoints): for endpoint in endpoints { try endpoint.check() }
        case .name(let host, let port): try Endpoint.tcp(host: host, port: port).check()
        }
    }

    var mayBeSeveral: Bool {
        switch self {
        case .fixed(let endpoints): endpoints.count > 1
        case .name: true
        }
    }

    var description: String {
        switch self {
        case .fixed(let endpoints): endpoints.map(\.description).joined(separator: ", ")
        case .name(let host, let port): Endpoint.tcp(host: host, port: port).description
        }
    }
}
