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

    private let role: HTTP2Session.Role
    /// A client's connection is watched by its transport, which counts the handshake into the time to connect.
    private let timeout: Duration?
    private let onFailure: (@Sendable (String, String) -> Void)?
    private var peer = "unknown"
    private var timer: Scheduled<Void>?
    private var isOver = false

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
            end()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        fail(context, TLSFailure(error, role: role, certificate: certificate))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    /// The session closes the connection.
    private func fail(_ context: ChannelHandlerContext, _ failure: TLSFailure) {
        let isFirst = !isOver
        end()
        if isFirst { onFailure?(peer, failure.description) }
        context.fireErrorCaught(failure)
    }

    /// The handshake is over, well or badly.
    private func end() {
        isOver = true
        timer?.cancel()
        timer = nil
    }
}
#endif
