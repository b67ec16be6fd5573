#if TLS
import Holdfast
import NIOCore
import NIOSSL
import NIOTLS

/// Stands between TLS and the session: insists on HTTP/2, ends handshakes that take too long, and puts what TLS reports into a
/// sentence.
///
/// Confined to the event loop.
final class TLSGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum State {
        /// The state until the handshake has succeeded or failed.
        case handshaking
        /// The state while the peer has sent nothing since the handshake.
        case established
        /// The state while the session has the word, and once all is over.
        case done
    }

    private let role: HTTP2Session.Role
    /// A client's connection is watched by its transport, which counts the handshake into the time to connect.
    private let timeout: Duration?
    private let onFailure: (@Sendable (String, String) -> Void)?
    private var peer = "unknown"
    private var timer: Scheduled<Void>?
    private var state = State.handshaking

    init(
        role: HTTP2Session.Role, timeout: Duration? = nil, onFailure: (@Sendable (String, String) -> Void)? = nil
    ) {
        self.role = role
        self.timeout = timeout
        self.onFailure = onFailure
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.description ?? peer
        guard let timeout else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .nanoseconds(timeout.nanoseconds)) {
            let (guardian, context) = bound.value
            guardian.fail(context, TLSFailure(description: "the TLS handshake took longer than \(timeout)"))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let negotiated) = event {
            guard negotiated == "h2" else { return fail(context, .noHTTP2(role)) }
            stopTimer()
            state = .established
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state = .done
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A peer that goes without TLS's goodbye. The end that follows says enough: HTTP/2 knows which of its streams were complete.
        if case NIOSSLError.uncleanShutdown = error { return }
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        fail(context, TLSFailure(error, role: role, certificate: certificate))
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimer()
        if case .established = state, role == .client { context.fireErrorCaught(TLSFailure.closedAtOnce) }
        state = .done
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimer()
    }

    /// Passes `failure` on to the session, which closes the connection.
    private func fail(_ context: ChannelHandlerContext, _ failure: TLSFailure) {
        if case .handshaking = state { onFailure?(peer, failure.description) }
        stopTimer()
        state = .done
        context.fireErrorCaught(failure)
    }

    private func stopTimer() {
        timer?.cancel()
        timer = nil
    }
}
#endif
