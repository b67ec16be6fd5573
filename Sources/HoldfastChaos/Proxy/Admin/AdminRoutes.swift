import Holdfast
import HoldfastPolicyFiles
import NIOHTTP1

/// What the admin API answers to a request. Lives on the proxy's event loop.
final class AdminRoutes {
    struct Answer {
        var status: HTTPResponseStatus
        /// Nil for no content.
        var body: JSONText?
        /// The methods that there are, for one that is not.
        var allowed: String?
    }

    private let board: FaultBoard
    private let core: ProxyCore

    init(_ core: ProxyCore) {
        self.core = core
        board = FaultBoard(core)
    }

    func answer(_ head: HTTPRequestHead, _ body: [UInt8]) -> Answer {
        // What a browser adds to what a page asks of another's server.
        if head.headers.contains(name: "Origin") {
            return Self.refusal(403, "this API is not for web pages; ask without an Origin header")
        }
        let path = head.uri.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        do throws(FaultBoard.Refusal) {
            return try answer(head.method, path, body)
        } catch {
            return Self.refusal(error.status, error.message)
        }
    }

    static func refusal(_ status: Int, _ message: String) -> Answer {
        Answer(status: HTTPResponseStatus(statusCode: status), body: .object([("error", .string(message))]))
    }

    private func answer(_ method: HTTPMethod, _ path: [String], _ body: [UInt8]) throws(FaultBoard.Refusal) -> Answer {
        switch (path.first ?? "", path.count) {
        case ("", 0):
            guard method == .GET else { return Self.refuse(method, "GET") }
            return Answer(status: .ok, body: description)
        case ("faults", 1):
            switch method {
            case .GET: return Answer(status: .ok, body: .object([("faults", board.list)]))
            case .POST: return Answer(status: .created, body: try board.add(body))
            default: return Self.refuse(method, "GET, POST")
            }
        case ("faults", 2):
            switch method {
            case .GET: return Answer(status: .ok, body: try board.fault(path[1]))
            case .PUT: return Answer(status: .ok, body: try board.change(path[1], body))
            case .DELETE:
                try board.remove(path[1])
                return Answer(status: .noContent)
            default: return Self.refuse(method, "GET, PUT, DELETE")
            }
        case ("reset", 1):
            guard method == .POST else { return Self.refuse(method, "POST") }
            try board.reset()
            return Answer(status: .noContent)
        case ("hits", 1):
            guard method == .GET else { return Self.refuse(method, "GET") }
            return Answer(status: .ok, body: .object([("hits", board.hits)]))
        case ("connections", 1):
            guard method == .GET else { return Self.refuse(method, "GET") }
            let connections = core.openConnections.map { Self.description(FaultProxy.Connection($0)) }
            return Answer(status: .ok, body: .object([("connections", .array(connections))]))
        default:
            return Self.refusal(404, "there is nothing here; there is /, /faults, /faults/ID, /reset, /hits and /connections")
        }
    }

    private static func refuse(_ method: HTTPMethod, _ allowed: String) -> Answer {
        var answer = refusal(405, "\(quoted(method.rawValue)) cannot be done here; expected \(allowed)")
        answer.allowed = allowed
        return answer
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
