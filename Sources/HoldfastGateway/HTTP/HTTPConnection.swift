import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import NIOCore
import NIOHTTP1

/// A client's connection as long as it speaks HTTP. Lives on its event loop.
///
/// One request is served at a time, the next when its answer has left. What is not read for lack of demand stays in the socket, so that a
/// client is held back by the service behind it; what a connection holds is bounded.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    let service: GatewayService
    private(set) var context: ChannelHandlerContext?
    var exchange: Exchange?
    /// What comes of asking for a WebSocket, from when its handler is there.
    var upgraded: EventLoopFuture<WebSocketConnection.Link>?
    /// What the answer says that agrees to a WebSocket.
    var upgradeHeaders: HTTPHeaders?
    private(set) var timer: Scheduled<Void>?
    /// Whether a read was asked for while the client was held back.
    private(set) var isReadDue = false
    var isDraining = false
    /// Whether nothing more is taken from this connection.
    var isOver = false

    init(_ service: GatewayService) {
        self.service = service
    }

    var configuration: Gateway.Configuration { service.configuration }

    // MARK: What the client does

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        arm(configuration.headerTimeout) { connection in connection.timedOut() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes):
            exchange?.take(bytes)
            awaitBody()
        case .end:
            exchange?.endRequest()
            awaitBody()
            exchange?.onEnd.take()?()
        }
    }

    func read(context: ChannelHandlerContext) {
        if exchange?.isPaused == true, !isOver { isReadDue = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What comes behind what could not be read: closing at once would take the answer away from a client that still sends.
        if error is ByteToMessageDecoderError { return }
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        guard !isOver else { return }
        let refusal =
            error == .headerOverflow
            ? HTTPRefusal(
                .requestHeaderFieldsTooLarge,
                "the headers are more than \(configuration.maximumHeaderCount) or longer than \(configuration.maximumHeaderSize) bytes")
            : HTTPRefusal(.badRequest, "this is no HTTP/1.1" + (error == .unknown ? " that can be understood" : ": \(error)"))
        guard exchange == nil else {
            exchange?.fail(refusal)
            return
        }
        let exchange = Exchange(
            HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"), crossOrigin: [:], longestMessage: 0)
        self.exchange = exchange
        service.refused(refusal, context.remoteAddress, exchange)
        refuse(refusal)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? GatewayConnections.Event {
        case .drain:
            isDraining = true
            if exchange == nil { context.close(promise: nil) }
        case .stop:
            if let task = exchange?.task { task.cancel() } else { context.close(promise: nil) }
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The client is gone.
    private func leave() {
        timer?.cancel()
        isOver = true
        exchange?.task?.cancel()
        exchange?.fail(CancellationError())
        exchange = nil
    }

    // MARK: Requests

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let exchange = Exchange(
            head, crossOrigin: service.crossOrigin.headers(for: head), longestMessage: configuration.maximumMessageLength)
        self.exchange = exchange
        switch service.plan(exchange, from: context.remoteAddress) {
        case .preflight(let headers):
            answerAtOnce(exchange) { $0.respond(.noContent, headers, []) }
        case .refuse(let refusal, let path):
            service.refused(refusal, context.remoteAddress, exchange, path: path)
            answerAtOnce(exchange) { $0.refuse(refusal) }
        case .serve(let request, let takesMessages):
            serve(request, takesMessages: takesMessages, exchange, context)
        }
    }

    /// Answers without asking a service. A request that is nothing but its head has ended before anything else is read, and the next may
    /// follow; a body is not waited for, and the answer says that the connection ends.
    private func answerAtOnce(_ exchange: Exchange, _ answer: @escaping (HTTPConnection) -> Void) {
        guard exchange.keepsAlive, !RequestCheck.hasBody(exchange.head) else { return answer(self) }
        exchange.onEnd = { [weak self] in
            if let self { answer(self) }
        }
    }

    private func serve(
        _ request: GatewayRequest, takesMessages: Bool, _ exchange: Exchange, _ context: ChannelHandlerContext
    ) {
        exchange.request = request
        exchange.onDemand = { [weak self] in self?.resume() }
        var messages: MessageSequence?
        if takesMessages {
            let eventLoop = context.eventLoop
            let bound = NIOLoopBound(exchange, eventLoop: eventLoop)
            let made = MessageSequence.make(MessageDemand { eventLoop.execute { bound.value.onDemand() } })
            exchange.messages = made.source
            messages = made.sequence
        }
        let link = Link(self, exchange, eventLoop: context.eventLoop)
        let client: any ClientEnd =
            if let handshake = request.handshake {
                WebSocketClient(link, handshake)
            } else {
                HTTPClient(link, isStream: !request.route.kind.hasSingleResponse)
            }
        exchange.task = Task { [service] in await service.serve(request, messages, client) }
        if exchange.head.headers.first(name: "Expect") != nil, takesMessages {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        awaitBody()
    }

    /// Gives the client so long for more of its body.
    private func awaitBody() {
        timer?.cancel()
        guard let exchange, let request = exchange.request, !exchange.requestHasEnded, !exchange.isPaused, !isOver else { return }
        var patience = request.route.kind.hasSingleRequest ? configuration.bodyTimeout : configuration.streamTimeout
        if let deadline = request.deadline { patience = min(patience, max(TimeSource.system.now().duration(to: deadline), .zero)) }
        arm(patience) { connection in
            connection.exchange?.fail(HTTPRefusal(.requestTimeout, "the rest of the request did not come in time"))
        }
    }

    private func resume() {
        exchange?.isPaused = false
        awaitBody()
        takeUpReading()
    }

    /// Reads on, if that was asked for meanwhile.
    func takeUpReading() {
        guard isReadDue else { return }
        isReadDue = false
        context?.read()
    }

    func arm(_ patience: Duration, _ action: @escaping (HTTPConnection) -> Void) {
        timer?.cancel()
        guard let context else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) { [weak self] in
            if let self { action(self) }
        }
    }

    /// No request came in time.
    private func timedOut() {
        guard let context, exchange == nil, !isOver else { return }
        isOver = true
        // Not an answer to anything, as far as the handlers before this one know.
        guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return context.close(promise: nil)
        }
        let refusal = HTTPRefusal(.requestTimeout, "the request's headers did not come in time")
        service.refused(refusal, context.remoteAddress)
        let answer = PlainAnswer.bytes(refusal)
        endAfter(encoder.writeAndFlush(NIOAny(answer), patience: configuration.writeTimeout))
    }
}
