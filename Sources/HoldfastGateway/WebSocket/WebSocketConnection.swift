import NIOCore
import NIOWebSocket

/// A client's connection as a WebSocket. Lives on its event loop.
///
/// While enough messages wait nothing is read, so that a client is held back by the service behind it; one that does not read is not
/// written to beyond the one message that its socket does not take.
final class WebSocketConnection: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let exchange: Exchange
    private let configuration: Gateway.Configuration
    private var assembler: WebSocketAssembler
    private var context: ChannelHandlerContext?
    private var isReadDue = false
    /// Whether the client has been heard since the last ping.
    private var wasHeard = true
    private var pings: RepeatedTask?
    private var closing: Scheduled<Void>?
    /// The code that was sent; nothing is sent after it.
    private(set) var sentClose: WebSocketErrorCode?
    /// Whether the call is to end with 1001, because the gateway ends.
    private var isDraining = false

    init(_ exchange: Exchange, _ configuration: Gateway.Configuration) {
        self.exchange = exchange
        self.configuration = configuration
        assembler = WebSocketAssembler(longestMessage: configuration.maximumMessageLength)
    }

    // MARK: What the client does

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        exchange.onDemand = { [weak self] in self?.resume() }
        let interval = TimeAmount(configuration.pingInterval)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in bound.value.ping() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        pings?.cancel()
        closing?.cancel()
        exchange.onDemand = {}
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        wasHeard = true
        do throws(WebSocketFailure) {
            guard let event = try assembler.take(unwrapInboundIn(data)) else { return }
            switch event {
            case .message(let message): try take(message)
            case .ping(let bytes):
                // One that asks without reading the answers is not answered.
                if context.channel.isWritable, sentClose == nil { send(.pong, bytes) }
            case .pong: break
            case .close(let code):
                if sentClose == nil { close(code ?? .normalClosure, "") }
                exchange.task?.cancel()
                context.close(promise: nil)
            }
        } catch {
            fail(error)
        }
    }

    private func take(_ message: [UInt8]) throws(WebSocketFailure) {
        guard sentClose == nil else { return }
        guard exchange.request?.route.verb != .get else {
            throw WebSocketFailure(.unacceptableData, "this call takes no messages: its fields stand in the query of the address")
        }
        guard let messages = exchange.messages else { return }
        exchange.isPaused = messages.yield(message) == .stopProducing
    }

    func read(context: ChannelHandlerContext) {
        if exchange.isPaused { isReadDue = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What comes behind what could not be read: the closing frame is on its way.
        if error is ByteToMessageDecoderError { return }
        switch error as? NIOWebSocketError {
        case .invalidFrameLength:
            fail(WebSocketFailure(.messageTooLarge, "a message is longer than \(configuration.maximumMessageLength) bytes"))
        case .fragmentedControlFrame: fail(.violation("a control frame is in fragments"))
        case .multiByteControlFrameLength: fail(.violation("a control frame is longer than 125 bytes"))
        case nil: context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange.task?.cancel()
        exchange.fail(CancellationError())
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? GatewayConnections.Event {
        case .drain:
            isDraining = true
            exchange.messages?.finish()
            exchange.messages = nil
            exchange.isPaused = false
        case .stop: exchange.task?.cancel()
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    private func fail(_ failure: WebSocketFailure) {
        close(failure.code, failure.reason, expectsAnswer: false)
        exchange.fail(CancellationError())
        exchange.task?.cancel()
    }

    private func resume() {
        exchange.isPaused = false
        guard isReadDue else { return }
        isReadDue = false
        context?.read()
    }

    private func ping() {
        guard let context, sentClose == nil else { return }
        // A client that is held back, or that takes nothing, is looked after elsewhere.
        guard !exchange.isPaused, context.channel.isWritable else { return }
        guard wasHeard else { return context.close(promise: nil) }
        wasHeard = false
        send(.ping, ByteBuffer())
    }

    // MARK: What is sent

    private func send(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: bytes)), promise: nil)
    }

    /// Sends a message; done when the socket has taken it.
    func send(_ message: [UInt8]) -> EventLoopFuture<Void>? {
        guard let context, sentClose == nil else { return nil }
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: message))
        return context.writeAndFlush(wrapOutboundOut(frame), patience: configuration.writeTimeout)
    }

    /// Says that nothing more comes, and gives the client some time to say the same.
    /// - Parameter expectsAnswer: false for a client who breaks the protocol and may not answer, or not so that it is understood: the
    ///   socket says the end as well, and the connection ends as soon as the client ends its side.
    func close(_ code: WebSocketErrorCode, _ reason: String, expectsAnswer: Bool = true) {
        guard let context, sentClose == nil else { return }
        let code = isDraining && code == .normalClosure ? .goingAway : code
        sentClose = code
        var bytes = ByteBuffer()
        bytes.write(webSocketErrorCode: code)
        bytes.writeString(Self.fitting(reason))
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: bytes)
        context.writeAndFlush(wrapOutboundOut(frame)).assumeIsolated().whenComplete { _ in
            if !expectsAnswer { context.close(mode: .output, promise: nil) }
        }
        exchange.isPaused = false
        resume()
        closing = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.closeTimeout)) {
            context.close(promise: nil)
        }
    }

    /// A reason that fits into a control frame, behind its code.
    private static func fitting(_ reason: String) -> String {
        var reason = reason
        while reason.utf8.count > 123 { reason.removeLast() }
        return reason
    }

    /// What the task of a call has of its connection.
    struct Link: Sendable {
        private let connection: NIOLoopBound<WebSocketConnection>
        private let eventLoop: any EventLoop

        init(_ connection: WebSocketConnection, eventLoop: any EventLoop) {
            self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
            self.eventLoop = eventLoop
        }

        /// Sends a message; returns when the socket has taken it.
        /// - Throws: `CancellationError` when the client is gone.
        func send(_ message: [UInt8]) async throws {
            do {
                try await eventLoop.flatSubmit { [connection, eventLoop] in
                    connection.value.send(message) ?? eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
                }.get()
            } catch {
                throw CancellationError()
            }
        }

        /// Closes the WebSocket, unless that was done.
        /// - Returns: the code it was closed with; nil when the client was gone.
        func close(_ code: WebSocketErrorCode, _ reason: String) async -> WebSocketErrorCode? {
            try? await eventLoop.submit { [connection] in
                connection.value.close(code, reason)
                return connection.value.sentClose
            }.get()
        }
    }
}

extension HTTPConnection {
    /// Puts a WebSocket in this connection's place.
    func becomeWebSocket(_ channel: any Channel) -> EventLoopFuture<WebSocketConnection.Link> {
        channel.eventLoop.makeCompletedFuture {
            guard let exchange else { throw ChannelError.ioOnClosedChannel }
            let socket = WebSocketConnection(exchange, configuration)
            try channel.pipeline.syncOperations.addHandler(socket)
            return WebSocketConnection.Link(socket, eventLoop: channel.eventLoop)
        }
    }
}
