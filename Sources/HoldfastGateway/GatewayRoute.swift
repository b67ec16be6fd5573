package import HoldfastAdmin
public import HoldfastRPC
public import SwiftProtobuf

/// One thing that can be asked of a gateway: a method and a path of HTTP, and the call that answers.
///
/// ```swift
/// GatewayRoute("Say", .post, "/v1/say", SayEchoMethods.sayHi, client)
/// ```
///
/// Messages are JSON as Protocol Buffers have it. A message of a stream is wrapped (`{"result":{...}}`); the answer of a call with one is
/// the message itself, and has a member `@fallback` if a fallback gave it. A GET takes its one request from the query of the address, all
/// others take theirs from the body; on a WebSocket each is a frame of its own.
public struct GatewayRoute: Sendable {
    /// A method of HTTP.
    public enum Verb: String, Sendable, Hashable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// What the limits call it: the route `holdfast.Gateway/NAME` of their file.
    public let name: String
    /// The method of HTTP.
    public let verb: Verb
    /// The path, without a query; compared byte by byte.
    public let path: String
    /// Which sides send several messages.
    public let kind: RPCKind
    /// Whether it is the program's own: apart from the limits, and never a WebSocket.
    let isPage: Bool
    let answer: @Sendable (GatewayCall) async throws -> Void

    init(
        _ name: String, _ verb: Verb, _ path: String, kind: RPCKind, isPage: Bool = false,
        answer: @escaping @Sendable (GatewayCall) async throws -> Void
    ) {
        self.name = name
        self.verb = verb
        self.path = path
        self.kind = kind
        self.isPage = isPage
        self.answer = answer
    }

    /// Makes a route that a method of a service answers.
    ///
    /// The policies of the calls are those of `client`.
    public init<Request: Message, Response: Message>(
        _ name: String, _ verb: Verb, _ path: String, _ method: RPCMethod<Request, Response>, _ client: RPCClient
    ) {
        self.init(name, verb, path, kind: method.kind) { call in
            let transcoder = Transcoder<Request, Response>(method: method, client: client)
            switch method.kind {
            case .unary: try await transcoder.unary(call)
            case .serverStreaming: try await transcoder.serverStreaming(call)
            case .clientStreaming: try await transcoder.clientStreaming(call)
            case .bidirectional: try await transcoder.bidirectional(call)
            }
        }
    }

    /// Makes a route that the program answers by itself, apart from the limits: a page, and what that page asks.
    /// - Parameter respond: is told the request, with one JSON object as its body unless it is a GET, and who the limits take the client
    ///   for.
    package init(
        _ name: String, _ verb: Verb, _ path: String,
        respond: @escaping @Sendable (_ request: AdminRequest, _ client: String) async -> AdminAnswer
    ) {
        self.init(name, verb, path, kind: .unary, isPage: true) { call in
            var request = AdminRequest(call.request.head, [])
            if let messages = call.messages { request.body = try await call.onlyMessage(in: messages) }
            try await call.client.show(await respond(request, call.request.clientKey))
        }
    }

    /// What the limits look its policies up by.
    package var policyPath: String { "/holdfast.Gateway/\(name)" }
}
