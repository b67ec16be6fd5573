import HoldfastRPC

/// Somebody with a copy of the routes in force.
protocol RouteFollower: Sendable {
    /// Prepares to take other routes.
    /// - Parameter document: where they come from.
    /// - Returns: what takes them, which cannot fail; nil when there is nobody left to take any.
    /// - Throws: ``DocumentError`` when the routes will not do.
    func prepare(_ routes: RouteTable, of document: PolicyDocument) throws(DocumentError) -> RouteChange?
}

/// A step that puts prepared routes in force.
struct RouteChange: Sendable {
    let run: @Sendable () -> Void
}

/// A client, for as long as somebody else keeps it.
struct ClientFollower: RouteFollower {
    weak let client: RPCClient?

    func prepare(_ routes: RouteTable, of document: PolicyDocument) -> RouteChange? {
        guard client != nil else { return nil }
        return RouteChange { [weak client] in client?.policies = routes }
    }
}

/// Nobody in particular, for whom all routes must be such as can stand around handlers.
struct HandlerGuard: RouteFollower {
    func prepare(_ routes: RouteTable, of document: PolicyDocument) throws(DocumentError) -> RouteChange? {
        try document.checkHandlers(routes)
        return RouteChange {}
    }
}
