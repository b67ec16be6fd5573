/// Which handler serves which method.
public struct RPCRouter: Sendable {
    private var routes: [String: ServerRoute] = [:]
    private var completions: [@Sendable (RPCRouter) -> Void] = []

    /// No methods.
    public init() {}

    /// The methods, in no particular order.
    public var methods: [AnyRPCMethod] { routes.values.map(\.method) }

    /// Calls `action` once all services are registered: reflection lists them.
    mutating func onComplete(_ action: @escaping @Sendable (RPCRouter) -> Void) {
        completions.append(action)
    }

    func complete() {
        for completion in completions { completion(self) }
    }

    func route(_ path: String) -> ServerRoute? { routes[path] }

    /// Serves a method with one message in each direction. A later handler of the same method replaces an earlier one.
    public mutating func unary<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        handler: @escaping @Sendable (Request, ServerCall) async throws -> Response
    ) {
        add(method) { call, responder in
            let request = try Codec.decodeRequest(try responder.request(), method.decodeRequest, method.path)
            let response = try await handler(request, call)
            responder.reply(try Codec.encode(response, method.encodeResponse, method.path))
        }
    }

    /// Serves a method with one request and several responses.
    public mutating func serverStreaming<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        handler: @escaping @Sendable (Request, ResponseWriter<Response>, ServerCall) async throws -> Void
    ) {
        add(method) { call, responder in
            let request = try Codec.decodeRequest(try responder.request(), method.decodeRequest, method.path)
            try await handler(request, ResponseWriter(responder, method), call)
        }
    }

    /// Serves a method with several requests and one response.
    public mutating func clientStreaming<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        handler: @escaping @Sendable (RequestStream<Request>, ServerCall) async throws -> Response
    ) {
        add(method) { call, responder in
            let response = try await handler(RequestStream(responder, method), call)
            responder.reply(try Codec.encode(response, method.encodeResponse, method.path))
        }
    }

    /// Serves a method with several messages in both directions.
    public mutating func bidirectional<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        handler: @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, ServerCall) async throws -> Void
    ) {
        add(method) { call, responder in
            try await handler(RequestStream(responder, method), ResponseWriter(responder, method), call)
        }
    }

    private mutating func add<Request, Response>(
        _ method: RPCMethod<Request, Response>, run: @escaping ServerRoute.Run
    ) {
        routes[method.path] = ServerRoute(method: AnyRPCMethod(method), run: run)
    }
}

/// One method and what serves it.
final class ServerRoute: Sendable {
    typealias Run = nonisolated(nonsending) @Sendable (ServerCall, ServerResponder) async throws -> Void

    let method: AnyRPCMethod
    let placement = HandlerPlacement()
    private let handle: Run

    init(method: AnyRPCMethod, run: @escaping Run) {
        self.method = method
        handle = run
    }

    nonisolated(nonsending) func run(_ call: ServerCall, _ responder: ServerResponder) async throws {
        try await handle(call, responder)
    }
}
