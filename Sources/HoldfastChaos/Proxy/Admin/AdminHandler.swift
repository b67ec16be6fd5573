import HoldfastPolicyFiles
import NIOCore
import NIOHTTP1

/// A connection of the admin API.
final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let longestBody = 64 << 10

    private let routes: AdminRoutes
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ routes: AdminRoutes) {
        self.routes = routes
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
                return respond(
                    AdminRoutes.refusal(413, "the body is longer than \(Self.longestBody >> 10) KiB"), to: head, isLast: true, context)
            }
            body += part.readableBytesView
        case .end:
            guard let head else { return }
            self.head = nil
            respond(routes.answer(head, body), to: head, isLast: !head.isKeepAlive, context)
            body = []
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Whoever says nothing for so long, or does not end a request, is not waited for.
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) } else { context.fireUserInboundEventTriggered(event) }
    }

    private func respond(_ answer: AdminRoutes.Answer, to request: HTTPRequestHead, isLast: Bool, _ context: ChannelHandlerContext) {
        let text = answer.body.map { Array(($0.text + "\n").utf8) } ?? []
        var headers = HTTPHeaders()
        if answer.body != nil { headers.add(name: "Content-Type", value: "application/json") }
        if answer.status != .noContent { headers.add(name: "Content-Length", value: String(text.count)) }
        if let allowed = answer.allowed { headers.add(name: "Allow", value: allowed) }
        if isLast { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: request.version, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD, !text.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: text)))), promise: nil)
        }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            if isLast { context.value.close(promise: nil) }
        }
    }
}
