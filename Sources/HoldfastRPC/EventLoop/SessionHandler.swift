import Holdfast
import NIOCore

/// Drives a session over a channel: feeds it what is read, acts on its events, and writes what it has to say, once for
/// each read or batch of submissions. The two ends of a connection are subclasses.
class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most that is gathered for one write.
    private static let writeLimit = 256 * 1024
    private static let submissionsPerWrite = 16
    private static let lingerTime = TimeAmount.seconds(20)

    final let session: HTTP2Session
    private(set) final var context: ChannelHandlerContext?
    private final var batch: [SessionEvent] = []
    private final var isFlushing = false
    private final var isDispatching = false
    private final var unsent = 0
    /// Ends the wait for a client that does not close.
    private final var lingering: Scheduled<Void>?
    private final var hasEnded = false
    private final var failure: String?

    init(session: HTTP2Session) {
        self.session = session
    }

    // For the subclasses to fill in.

    /// The channel is connected.
    func started() {}
    /// Something has happened.
    func handle(_ event: SessionEvent) {}
    /// The channel is gone. Called once.
    func ended(_ reason: String) {}

    // For the subclasses to use.

    /// Writes what the session has to send, acts on what follows from it, and closes the channel when all is said.
    final func flush() {
        guard !isFlushing else { return }
        isFlushing = true
        defer { isFlushing = false }
        // From inside of `handle` this only writes: whoever dispatches goes on with what follows.
        dispatch()
        while write(), !isDispatching { dispatch() }
        if session.isOver { finish() }
    }

    /// One more call, or answer, has been handed to the session. Every so many are sent at once, so that the peer begins on
    /// them while this side goes on with the next.
    final func submitted() {
        unsent += 1
        if unsent == Self.submissionsPerWrite { _ = write() }
    }

    /// Closes the channel.
    final func close(_ reason: String?) {
        if failure == nil { failure = reason }
        context?.close(promise: nil)
    }

    /// - Returns: whether there may be more to do: sending closes streams, which lets others begin.
    private func write() -> Bool {
        guard let context, context.channel.isWritable else { return false }
        unsent = 0
        var buffer = context.channel.allocator.buffer(capacity: 1_024)
        do throws(SessionError) {
            _ = try session.writeOutput(to: &buffer, limit: Self.writeLimit)
        } catch {
            close(error.description)
            return false
        }
        let count = buffer.readableBytes
        if count > 0 { context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
        return !session.events.isEmpty || count >= Self.writeLimit
    }

    private func dispatch() {
        guard !isDispatching else { return }
        isDispatching = true
        defer { isDispatching = false }
        while !session.events.isEmpty {
            swap(&batch, &session.events)
            for event in batch { handle(event) }
            batch.removeAll(keepingCapacity: true)
        }
        session.returnWindows()
    }

    /// All is said. A client may close at once. A server's last words may still be on their way, and a socket that is closed
    /// while its peer has something to say, an update of a window perhaps, takes them back: so it only says that it is done, throws
    /// away what comes, and waits for the client to close.
    private func finish() {
        guard session.role == .server else {
            // With streams still open it was the peer's bytes that ended the session, and nghttp2 does not always say why.
            return close(session.complaint ?? (session.streams.isEmpty ? nil : "what it sent was no valid HTTP/2"))
        }
        guard let context, lingering == nil else { return }
        if failure == nil { failure = session.complaint }
        context.close(mode: .output, promise: nil)
        lingering = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) { [weak self] in self?.close(nil) }
    }

    // ChannelInboundHandler

    final func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    final func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    private final var hasStarted = false

    private func start() {
        guard !hasStarted else { return }
        hasStarted = true
        started()
        flush()
    }

    final func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded, lingering == nil else { return }
        let buffer = unwrapInboundIn(data)
        do {
            try buffer.withUnsafeReadableBytes { try session.receive($0) }
            dispatch()
        } catch {
            // What nghttp2 wants to say about it (a GOAWAY) goes out before the end.
            dispatch()
            flush()
            close("\(error)")
        }
    }

    final func channelReadComplete(context: ChannelHandlerContext) {
        flush()
    }

    final func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
    }

    final func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close("\(error)")
    }

    final func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    final func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        context = nil
        lingering?.cancel()
        ended(failure ?? "the peer closed the connection")
        session.forgetStreams()
    }
}
