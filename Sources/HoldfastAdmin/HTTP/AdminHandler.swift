import NIOCore
import NIOHTTP1

/// A connection of an ``AdminServer``.
final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let longestBody = 64 << 10

    private let patience: TimeAmount
    private let respond: AdminServer.Respond
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var answering: Task<Void, Never>?
    /// When the client's time is over, for what it is to do next.
    private var limit: Scheduled<Void>?

    init(patience: TimeAmount, _ respond: @escaping AdminServer.Respond) {
        self.patience = patience
        self.respond = respond
    }

    func handlerAdded(context: ChannelHandlerContext) {
        wait(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            guard let head else { return }
            guard body.count + part.readableBytes <= Self.longestBody else {
                self.head = nil
                return send(
                    .refusal(.payloadTooLarge, "the body is longer than \(Self.longestBody >> 10) KiB"), to: head, isLast: true, context)
            }
            body += part.readableBytesView
        case .end:
            guard let head else { return }
            let request = AdminRequest(head, body)
            (self.head, body) = (nil, [])
            answer(request, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        limit?.cancel()
        answering?.cancel()
        context.fireChannelInactive()
    }

    /// Makes the answer beside the event loop. The next request of the connection is held back until it is sent, by NIO's pipeline.
    private func answer(_ request: AdminRequest, _ context: ChannelHandlerContext) {
        limit?.cancel()
        let loop = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        answering = Task { [respond] in
            let answer = await respond(request)
            eventLoop.execute {
                loop.value.handler.send(answer, to: request.head, isLast: !request.head.isKeepAlive, loop.value.context)
            }
        }
    }

    private func send(_ answer: AdminAnswer, to request: HTTPRequestHead, isLast: Bool, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        var headers = answer.headers
        if answer.status != .noContent { headers.replaceOrAdd(name: "Content-Length", value: String(answer.body.count)) }
        headers.replaceOrAdd(name: "Cache-Control", value: "no-store")
        headers.replaceOrAdd(name: "X-Content-Type-Options", value: "nosniff")
        if isLast { headers.replaceOrAdd(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: request.version, status: answer.status, headers: headers))), promise: nil)
        if request.method != .HEAD, !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        wait(context)
        let loop = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            let (handler, context) = loop.value
            if isLast { context.close(promise: nil) } else { handler.wait(context) }
        }
    }

    /// Ends the connection unless the client does what comes next in time: send a request to its end, or take an answer. A byte now and
    /// then is not enough.
    private func wait(_ context: ChannelHandlerContext) {
        limit?.cancel()
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        limit = context.value.eventLoop.scheduleTask(in: patience) { context.value.close(promise: nil) }
    }
}
