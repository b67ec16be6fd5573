import Holdfast
import HoldfastAdmin
import HoldfastPolicyFiles
import NIOHTTP1

/// What the admin API answers to a request. Lives on the proxy's event loop.
final class AdminRoutes {
    private let board: FaultBoard
    private let core: ProxyCore

    init(_ core: ProxyCore) {
        self.core = core
        board = FaultBoard(core)
    }

    func answer(_ request: AdminRequest) -> AdminAnswer {
        // What a browser adds to what a page asks of another's server.
        if request.head.headers.contains(name: "Origin") {
            return .refusal(.forbidden, "this API is not for web pages; ask without an Origin header")
        }
        do throws(FaultBoard.Refusal) {
            return try answer(request.head.method, request.path, request.body)
        } catch {
            return .refusal(HTTPResponseStatus(statusCode: error.status), error.message)
        }
    }

    private func answer(_ method: HTTPMethod, _ path: [String], _ body: [UInt8]) throws(FaultBoard.Refusal) -> AdminAnswer {
        switch (path.first ?? "", path.count) {
        case ("", 0):
            guard method == .GET else { return .refusal(of: method, allowed: "GET") }
            return AdminAnswer(.ok, description)
        case ("faults", 1):
            switch method {
            case .GET: return AdminAnswer(.ok, .object([("faults", board.list)]))
            case .POST: return AdminAnswer(.created, try board.add(body))
            default: return .refusal(of: method, allowed: "GET, POST")
            }
        case ("faults", 2):
            switch method {
            case .GET: return AdminAnswer(.ok, try board.fault(path[1]))
            case .PUT: return AdminAnswer(.ok, try board.change(path[1], body))
            case .DELETE:
                try board.remove(path[1])
                return AdminAnswer(.noContent)
            default: return .refusal(of: method, allowed: "GET, PUT, DELETE")
            }
        case ("reset", 1):
            guard method == .POST else { return .refusal(of: method, allowed: "POST") }
            try board.reset()
            return AdminAnswer(.noContent)
        case ("hits", 1):
            guard method == .GET else { return .refusal(of: method, allowed: "GET") }
            return AdminAnswer(.ok, .object([("hits", board.hits)]))
        case ("connections", 1):
            guard method == .GET else { return .refusal(of: method, allowed: "GET") }
            let connections = core.openConnections.map { Self.description(FaultProxy.Connection($0)) }
            return AdminAnswer(.ok, .object([("connections", .array(connections))]))
        default:
            return .refusal(.notFound, "there is nothing here; there is /, /faults, /faults/ID, /reset, /hits and /connections")
        }
    }

    private var description: JSONText {
        .object([
            ("listen", .string(core.listener.address.text)), ("upstream", .string(core.upstream.text)),
            ("seed", .raw(String(core.ledger.seed))), ("connections", .integer(core.openConnections.count)), ("faults", board.list),
        ])
    }

    private static func description(_ connection: FaultProxy.Connection) -> JSONText {
        .object([
            ("number", .integer(connection.number)), ("client", .string(connection.client)),
            ("ageSeconds", .number((connection.age.seconds * 1e3).rounded() / 1e3)), ("speaks", .string(connection.speaks)),
            ("upstreamBytes", .integer(connection.upstreamBytes)), ("downstreamBytes", .integer(connection.downstreamBytes)),
        ])
    }
}
