import Holdfast

/// Where a client's endpoints come from.
enum EndpointSource: Sendable, CustomStringConvertible {
    /// A list that does not change.
    case fixed([Endpoint])
    /// The addresses of a name, one endpoint each.
    case name(host: String, port: Int)

    func check() throws(ConfigurationError) {
        for endpoint in endpoints { try endpoint.check() }
    }

    /// What calls go by; a name is one, whatever it leads to.
    var endpoints: [Endpoint] {
        switch self {
        case .fixed(let endpoints): endpoints
        case .name(let host, let port): [.tcp(host: host, port: port)]
        }
    }

    var mayBeSeveral: Bool {
        switch self {
        case .fixed(let endpoints): endpoints.count > 1
        case .name: true
        }
    }

    var description: String {
        endpoints.map(\.description).joined(separator: ", ")
    }
}
