import HoldfastRPC
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks an ``AdminServer``.
package struct AdminClient: Sendable {
    private static let longestAnswer = 16 << 20

    package enum Method: String, Sendable {
        case GET, POST, PUT, DELETE
    }

    /// What came back.
    package struct Answer: Sendable {
        package var status: Int
        package var body: [UInt8]
    }

    private let address: TCPAddress
    private let name: String
    private let token: String?
    private let patience: TimeAmount

    /// - Parameters:
    ///   - address: where the API is.
    ///   - name: what errors call it, with an article.
    ///   - token: what proves that the asker may change something; nil for none.
    ///   - patience: how long to wait for the connection, and then for anything of the answer.
    package init(_ address: TCPAddress, of name: String, token: String? = nil, patience: Duration = .seconds(10)) {
        self.address = address
        self.name = name
        self.token = token
        self.patience = TimeAmount(patience)
    }

    /// Sends a request and waits for its answer.
    /// - Throws: ``AdminFailure`` when there is none.
    package func send(_ method: Method, _ path: String, _ body: [UInt8] = []) async throws -> Answer {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = eventLoop.makePromise(of: Answer.self)
        let host = address.text
        do {
            let channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(IdleStateHandler(readTimeout: patience))
                        try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer, limit: Self.longestAnswer))
                    }
                }
                .connect(to: address.socketAddress).get()
            var headers = HTTPHeaders([
                ("Host", host), ("Content-Type", "application/json"), ("Content-Length", String(body.count)), ("Connection", "close"),
            ])
            if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
            let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method.rawValue), uri: path, headers: headers)
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if !body.isEmpty { channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil) }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        } catch {
            answer.fail(error)
        }
        do {
            return try await answer.futureResult.get()
        } catch {
            throw AdminFailure("no answer from \(name) at \(host): \(ConnectFailure.describe(error))")
        }
    }
}

/// Puts an answer together.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private struct Incomplete: Error, CustomStringConvertible {
        let description: String
    }

    private var promise: EventLoopPromise<AdminClient.Answer>?
    private let limit: Int
    private var answer = AdminClient.Answer(status: 0, body: [])

    init(_ promise: EventLoopPromise<AdminClient.Answer>, limit: Int) {
        self.promise = promise
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = Int(head.status.code)
        case .body(let part):
            guard answer.body.count + part.readableBytes <= limit else { return fail(context, Incomplete(description: "it is too long")) }
            answer.body += part.readableBytesView
        case .end:
            promise?.succeed(answer)
            promise = nil
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { fail(context, Incomplete(description: "it takes too long")) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, error) }

    func channelInactive(context: ChannelHandlerContext) { fail(context, Incomplete(description: "the connection has ended")) }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        promise?.fail(error)
        promise = nil
        context.close(promise: nil)
    }
}
