/// Which policy applies to which method. The most specific route wins: the method, then its service, then all.
public struct RouteTable: Sendable {
    private let methods: [String: RoutePolicy]
    private let services: [String: RoutePolicy]
    private let rest: RoutePolicy?

    /// A table without routes: no policy applies to any call.
    public static let empty = RouteTable()

    /// Makes a table.
    /// - Parameters:
    ///   - methods: by path, `/package.Service/Method`.
    ///   - services: by full name, `package.Service`.
    ///   - rest: for all other calls.
    public init(methods: [String: RoutePolicy] = [:], services: [String: RoutePolicy] = [:], rest: RoutePolicy? = nil) {
        self.methods = methods
        self.services = services
        self.rest = rest
    }

    /// The policy for that method; nil when no route matches.
    /// - Parameter path: `/package.Service/Method`.
    public func policy(for path: String) -> RoutePolicy? {
        if let method = methods[path] { return method }
        guard !services.isEmpty, let slash = path.lastIndex(of: "/") else { return rest }
        return services[String(path[path.index(after: path.startIndex)..<slash])] ?? rest
    }

    /// Every policy in the table, each once; routes may share one.
    public var all: [RoutePolicy] {
        var seen: Set<String> = []
        let routes = methods.sorted { $0.key < $1.key }.map(\.value) + services.sorted { $0.key < $1.key }.map(\.value)
        return (routes + (rest.map { [$0] } ?? [])).filter { seen.insert($0.name).inserted }
    }
}
