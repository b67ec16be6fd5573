import HoldfastPolicyFiles
import NIOCore
import NIOHTTP1

/// What a connection sends. The next request is served as soon as an answer has been written.
extension HTTPConnection {
    /// Writes the head of an answer, which leaves with what follows.
    func begin(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
        guard let exchange, let context else { return }
        if isDraining { exchange.keepsAlive = false }
        var headers = headers
        headers.add(contentsOf: exchange.crossOrigin)
        if !exchange.keepsAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: exchange.head.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// Writes a part of an answer's body; done when the socket has taken it.
    func write(_ bytes: [UInt8]) -> EventLoopFuture<Void> {
        flush(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    }

    /// Ends an answer.
    func end() -> EventLoopFuture<Void> {
        // Before the end is written: the next request may come from within that.
        let isLast = exchange.map { !$0.keepsAlive || !$0.requestHasEnded } ?? true || isDraining
        exchange?.fail(CancellationError())
        exchange = nil
        timer?.cancel()
        isOver = isLast
        let written = flush(.end(nil))
        if isLast {
            endAfter(written)
        } else if exchange == nil {
            arm(configuration.keepAliveTimeout) { $0.context?.close(promise: nil) }
        }
        takeUpReading()
        return written
    }

    /// Answers with a whole body.
    @discardableResult
    func respond(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8]) -> EventLoopFuture<Void> {
        // What still comes of a request that is answered already is not read.
        if exchange?.requestHasEnded == false { exchange?.keepsAlive = false }
        var headers = headers
        if status != .noContent { headers.replaceOrAdd(name: "Content-Length", value: String(body.count)) }
        begin(status, headers)
        if !body.isEmpty, exchange?.head.method != .HEAD, let context {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        return end()
    }

    func refuse(_ refusal: HTTPRefusal) {
        if refusal.endsConnection { exchange?.keepsAlive = false }
        let answer = ErrorAnswer(refusal)
        var headers = answer.responseHeaders
        headers.add(name: "Content-Type", value: "application/json")
        if let exchange { headers.add(name: "X-Request-Id", value: exchange.id) }
        respond(answer.status, headers, Array((answer.json.text + "\n").utf8))
    }

    /// Closes the connection when `written` has left, and the client has had the time to read it: a socket that is closed with bytes
    /// unread is reset, and what was sent last is lost.
    func endAfter(_ written: EventLoopFuture<Void>) {
        written.assumeIsolated().whenComplete { [self] _ in
            guard let context else { return }
            context.close(mode: .output, promise: nil)
            arm(configuration.closeTimeout) { $0.context?.close(promise: nil) }
        }
    }

    /// Agrees to a WebSocket, whose handler then takes the place of this one.
    func upgrade(_ headers: HTTPHeaders) -> EventLoopFuture<WebSocketConnection.Link> {
        guard let context, let upgraded, let exchange, exchange.requestHasEnded else { preconditionFailure("there is no handshake") }
        timer?.cancel()
        upgradeHeaders = headers
        context.fireChannelRead(wrapInboundOut(.head(exchange.head)))
        // The first may have taken this handler away already.
        if self.context != nil { context.fireChannelRead(wrapInboundOut(.end(nil))) }
        return upgraded
    }

    private func flush(_ part: HTTPServerResponsePart) -> EventLoopFuture<Void> {
        guard let context else { preconditionFailure("the connection has been handed on") }
        return context.writeAndFlush(wrapOutboundOut(part), patience: configuration.writeTimeout)
    }

    /// What the task of an exchange has of its connection.
    struct Link: Sendable {
        private let connection: NIOLoopBound<HTTPConnection>
        private let exchange: NIOLoopBound<Exchange>
        private let eventLoop: any EventLoop

        init(_ connection: HTTPConnection, _ exchange: Exchange, eventLoop: any EventLoop) {
            self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
            self.exchange = NIOLoopBound(exchange, eventLoop: eventLoop)
            self.eventLoop = eventLoop
        }

        /// Has the connection do something, and waits until that is done.
        /// - Throws: `CancellationError` when the client is gone.
        func ask<Value: Sendable>(_ work: @escaping @Sendable (HTTPConnection) -> EventLoopFuture<Value>) async throws -> Value {
            do {
                return try await eventLoop.flatSubmit { [connection, exchange, eventLoop] in
                    guard connection.value.exchange === exchange.value, connection.value.context != nil else {
                        return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
                    }
                    return work(connection.value)
                }.get()
            } catch {
                throw CancellationError()
            }
        }
    }
}
