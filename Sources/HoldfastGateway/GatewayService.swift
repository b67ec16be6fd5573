import Holdfast
import HoldfastRPC
import NIOCore
import NIOHTTP1
import Synchronization

/// What the gateway does with a request, whichever way it came.
final class GatewayService: Sendable {
    /// What a request is understood to be.
    enum Plan {
        case serve(GatewayRequest, takesMessages: Bool)
        /// A browser is told what its page may.
        case preflight(HTTPHeaders)
        case refuse(HTTPRefusal, path: String)
    }

    let configuration: Gateway.Configuration
    private let routes: [String: [String: GatewayRoute]]
    private let limits: ClientLimits
    private let identity: ClientIdentity
    let crossOrigin: CrossOrigin
    private let onRequest: @Sendable (AccessRecord) -> Void
    private let isStopping = Atomic(false)

    init(
        _ routes: [GatewayRoute], _ limits: ClientLimits, _ configuration: Gateway.Configuration,
        _ onRequest: @escaping @Sendable (AccessRecord) -> Void
    ) throws(ConfigurationError) {
        var table: [String: [String: GatewayRoute]] = [:]
        for route in routes {
            guard route.path.utf8.first == UInt8(ascii: "/"), !route.path.contains("?") else {
                throw ConfigurationError("routes", route.path, "is no path: expected one that begins with / and has no query")
            }
            guard table[route.path, default: [:]].updateValue(route, forKey: route.verb.rawValue) == nil else {
                throw ConfigurationError("routes", "\(route.verb.rawValue) \(route.path)", "is there twice; give each once")
            }
        }
        self.routes = table
        self.limits = limits
        self.configuration = configuration
        identity = ClientIdentity(apiKeys: configuration.apiKeys)
        crossOrigin = CrossOrigin(origins: configuration.origins)
        self.onRequest = onRequest
    }

    // MARK: Before anything is done

    /// Reads a request's head.
    func plan(_ exchange: Exchange, from address: SocketAddress?) -> Plan {
        let (head, id) = (exchange.head, exchange.id)
        let parts = RequestCheck.target(head).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        do throws(HTTPRefusal) {
            try RequestCheck.check(head)
            guard let verbs = routes[path] else { throw HTTPRefusal(.notFound, "there is nothing at this path") }
            let offered = Self.offered(verbs)
            if let preflight = try crossOrigin.preflight(head, verbs: offered) {
                return .preflight(preflight)
            }
            var query = try QueryString(parts.count > 1 ? parts[1] : "")
            let handshake = try WebSocketHandshake(head, tokenCookie: configuration.tokenCookie)
            let verb = handshake == nil ? Self.verb(head) : query.remove("method")?.uppercased() ?? "GET"
            guard let route = verbs[verb], head.method != .HEAD || offered.contains("HEAD") else {
                let allowed = offered.joined(separator: ", ")
                throw HTTPRefusal(.methodNotAllowed, "expected \(allowed)", headers: ["Allow": allowed + ", OPTIONS"])
            }
            if handshake != nil {
                guard !route.isPage else { throw HTTPRefusal(.badRequest, "there is no WebSocket at this path") }
                try checkOrigin(head)
            }
            let takesMessages = route.verb != .get
            if takesMessages, handshake == nil { try RequestCheck.checkContentType(head) }
            if !takesMessages, RequestCheck.hasBody(head) {
                throw HTTPRefusal(.badRequest, "a GET takes no body: its fields stand in the query of the address")
            }
            if route.kind == .unary, let length = RequestCheck.contentLength(head), length > configuration.maximumMessageLength {
                throw .tooLong(configuration.maximumMessageLength)
            }
            let request = GatewayRequest(
                head: head, id: id, route: route, query: query,
                metadata: GatewayRequest.metadata(
                    head.headers, id: id, address: address?.ipAddress ?? "unknown", token: handshake?.token),
                deadline: try GatewayRequest.deadline(
                    head.headers, limit: route.kind == .unary ? configuration.callTimeout : nil),
                clientKey: try identity.key(head.headers, address), handshake: handshake)
            return .serve(request, takesMessages: takesMessages)
        } catch {
            return .refuse(error, path: path)
        }
    }

    /// The methods at a path. A stream has no head to be asked for without the rest.
    private static func offered(_ verbs: [String: GatewayRoute]) -> [String] {
        let hasHead = verbs[GatewayRoute.Verb.get.rawValue]?.kind == .unary
        return (Array(verbs.keys) + (hasHead ? ["HEAD"] : [])).sorted()
    }

    /// A HEAD asks for what is said of the answer to a GET.
    private static func verb(_ head: HTTPRequestHead) -> String {
        head.method == .HEAD ? GatewayRoute.Verb.get.rawValue : head.method.rawValue
    }

    private func checkOrigin(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        guard let origin = head.headers.first(name: "Origin") else { return }
        guard crossOrigin.allows(origin, host: head.headers.first(name: "Host")) else {
            throw HTTPRefusal(.forbidden, "pages of another origin may not connect here")
        }
    }

    // MARK: Doing it

    /// Answers a request.
    func serve(_ request: GatewayRequest, _ messages: MessageSequence?, _ client: any ClientEnd) async {
        let began = TimeSource.system.now()
        let limits = request.route.isPage ? nil : limits.policies(for: request)
        var failure: (any Error)?
        var answer: ErrorAnswer?
        do {
            let call = GatewayCall(request: request, messages: messages, client: client)
            if let limits {
                try await limits.policy.pipeline.run(deadline: request.deadline, attributes: limits.attributes) { _ in
                    try await client.open(Self.notes(request, limits))
                    try await request.route.answer(call)
                }
            } else {
                try await client.open(Self.notes(request, nil))
                try await request.route.answer(call)
            }
            try await client.finish()
        } catch {
            let isCutOff = error is CancellationError && isStopping.load(ordering: .acquiring)
            let told = isCutOff ? ErrorAnswer.shuttingDown : ErrorAnswer(error)
            (failure, answer) = (error, told)
            await client.fail(told, Self.notes(request, limits))
        }
        let told = client.told
        onRequest(
            AccessRecord(
                id: request.id, client: ClientIdentity.name(of: request.clientKey),
                method: request.isWebSocket ? "WEBSOCKET" : request.route.verb.rawValue,
                path: request.route.path, route: request.route.name, status: told.status, code: answer?.code ?? .ok,
                closeCode: told.closeCode, failure: failure.map(Self.words), fallback: told.fallback, answers: told.answers,
                duration: began.duration(to: TimeSource.system.now())))
    }

    private static func words(_ failure: any Error) -> String {
        failure is CancellationError ? "the client has gone, or the gateway" : "\(failure)"
    }

    /// What every answer says.
    private static func notes(_ request: GatewayRequest, _ limits: ClientLimits.Applied?) -> [(String, String)] {
        [("X-Request-Id", request.id)] + (limits?.headers ?? [])
    }

    /// Takes note of a request that was not served.
    /// - Parameter exchange: nil for a client that has made none.
    func refused(_ refusal: HTTPRefusal, _ address: SocketAddress?, _ exchange: Exchange? = nil, path: String = "") {
        onRequest(
            AccessRecord(
                id: exchange?.id ?? GatewayRequest.identity([:]), client: ClientIdentity.place(of: address),
                method: exchange?.head.method.rawValue ?? "", path: path,
                status: Int(refusal.status.code), code: refusal.code, failure: refusal.message, answers: 0, duration: .zero))
    }

    /// From now on calls that are cancelled were ended by the gateway.
    func stop() { isStopping.store(true, ordering: .releasing) }
}
