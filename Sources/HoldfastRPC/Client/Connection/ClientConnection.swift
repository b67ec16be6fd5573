import Holdfast
import NIOCore

/// The client's end of one HTTP/2 connection, and the calls it carries.
///
/// Confined to the event loop.
final class ClientConnection: SessionHandler {
    private let transport: SocketTransport
    private let subchannel: Subchannel
    /// Which of its endpoint's attempts to connect made it.
    let attempt: Int
    private var concurrentStreams = 0
    /// Whether the server has sent its first frame.
    private(set) var isReady = false
    /// Whether the server has answered a call on it.
    private(set) var hasServed = false
    /// Whether it takes no more calls.
    private var isDraining = false
    /// Whether something was asked of it since it was last flushed.
    var isTouched = false
    private var health: ConnectionHealth?

    init(transport: SocketTransport, subchannel: Subchannel, attempt: Int, limits: SessionLimits) throws(SessionError) {
        self.transport = transport
        self.subchannel = subchannel
        self.attempt = attempt
        super.init(session: try HTTP2Session(role: .client, limits: limits))
    }

    // What is asked of it. The transport flushes it afterwards.

    /// Whether the server lets another call begin.
    var hasRoom: Bool { session.streams.count < concurrentStreams }

    /// Sends `call`. Its connection must have room.
    func open(_ call: ClientCall) {
        let timeout = call.deadline.map { TimeSource.system.now().duration(to: $0).nanoseconds }
        // It may have waited for its turn until now (S40).
        if let timeout, timeout <= 0 { return transport.expire(call) }
        touch()
        call.connection = self
        health?.callBegins()
        let opening = session.submitRequest(
            call, authority: subchannel.authority, path: call.path, timeout: timeout, metadata: call.metadata)
        switch opening {
        case .opened:
            if call.wasResent { call.attempts?.addResend() } else { call.attempts?.add() }
            submitted()
        case .exhausted:
            drain(byPeer: false)
            transport.restart(call)
        case .failed(let error):
            transport.finish(call, .failure(RPCError.local(.internalError, "the call could not be sent: \(error)")))
        }
    }

    /// Goes on sending what `call` has to send.
    func resume(_ call: ClientCall) {
        touch()
        session.resume(call)
    }

    /// Lets the server send more to `call`.
    func returnWindow(of call: ClientCall) {
        touch()
        session.returnWindow(of: call)
    }

    /// Resets the stream of a call that is over for this side, but not for the server.
    func closeStream(of call: ClientCall) {
        touch()
        session.reset(call, .cancel)
    }

    /// Takes no more calls, and closes when the last has ended.
    func retire() {
        drain(byPeer: false)
        closeIfDrained()
    }

    /// Ends the connection, and what it still carries, with `error`.
    func shutdown(_ error: RPCError) {
        failAll(error)
        session.terminate()
        flush()
        close(error.message)
    }

    /// Closes the connection if the server has not sent its first frame yet.
    func giveUpUnlessReady() {
        if !isReady { close("it did not answer in HTTP/2 in time") }
    }

    private func touch() {
        if !isTouched { transport.touch(self) }
    }

    private func drain(byPeer: Bool) {
        guard !isDraining else { return }
        isDraining = true
        subchannel.connectionDrains(self, byPeer: byPeer)
    }

    private func closeIfDrained() {
        guard isDraining, session.streams.isEmpty else { return }
        session.terminate()
        touch()
    }

    private func failAll(_ error: RPCError) {
        for case let call as ClientCall in session.streams.values { transport.finish(call, .failure(error)) }
    }

    // What looks after it

    /// Sends a ping.
    func ping() {
        session.submitPing()
        flush()
    }

    /// Closes the connection, since the server is silent.
    func giveUpSilent(after timeout: Duration) {
        close("it did not answer a keepalive ping within \(timeout)")
    }

    var hasCalls: Bool { !session.streams.isEmpty }

    // SessionHandler

    override func started() {
        subchannel.connected(self)
    }

    override func handle(_ event: SessionEvent) {
        switch event {
        case .head(let stream): head(call(stream))
        case .message(let stream, let message):
            let call = call(stream)
            guard !call.isDone else { return }
            if let error = call.received(message) { return transport.finish(call, .failure(error)) }
            if call.ticket != nil { transport.pool.answered(call) }
        case .malformed(let stream, let error): transport.finish(call(stream), .failure(error.rpcError))
        case .ended(let stream): statusReceived(call(stream))
        case .sentLast: break
        case .drained(let stream):
            call(stream).drained(stream.drainedBytes)
            stream.drainedBytes = 0
        case .closed(let stream, let code): closed(call(stream), code)
        case .settings: settingsReceived()
        case .ping, .pong: break
        case .goAway(let isForPings):
            if isForPings { subchannel.pingLess() }
            drain(byPeer: true)
            closeIfDrained()
        }
    }

    override func ended(_ reason: String) {
        health?.stop()
        let place = isReady ? "lost the connection to \(subchannel.endpoint)" : "could not connect to \(subchannel.endpoint)"
        subchannel.connectionEnded(self, reason: "\(place): \(reason)", wasReady: isReady)
        // What never left is sent again, elsewhere (S64).
        for case let call as ClientCall in Array(session.streams.values) where !call.isDone && session.withdraw(call) {
            transport.refused(call)
        }
        failAll(.connection("\(place): \(reason)"))
    }

    /// Every stream of a client's session was made by ``open(_:)``.
    private func call(_ stream: SessionStream) -> ClientCall {
        unsafeDowncast(stream, to: ClientCall.self)
    }

    private func settingsReceived() {
        concurrentStreams = session.remoteConcurrentStreams
        if isReady {
            subchannel.startWaiting()
        } else {
            isReady = true
            health = ConnectionHealth(
                self, transport.configuration, keepaliveFactor: subchannel.keepaliveFactor, eventLoop: transport.eventLoop)
            subchannel.ready(self)
        }
    }

    private func head(_ call: ClientCall) {
        if !hasServed {
            hasServed = true
            subchannel.served()
        }
        guard !call.isDone else { return }
        if let error = ResponseStatus.complaint(about: call.head, limits: session.limits) {
            transport.finish(call, .failure(error))
        } else {
            // A status in the first headers is the end of the call, and no beginning of an answer.
            call.isAnswered = call.head.grpcStatus == nil
            call.receivedHead()
        }
    }

    private func statusReceived(_ call: ClientCall) {
        guard !call.isDone else { return }
        transport.finish(call, ResponseStatus.outcome(head: call.head, trailers: call.trailers, limits: session.limits))
    }

    private func closed(_ call: ClientCall, _ code: UInt32) {
        if !call.isDone {
            if HTTP2ErrorCode(rawValue: code) == .refusedStream, !call.hasHead {
                transport.refused(call)
            } else {
                transport.finish(call, .failure(ResponseStatus.error(reset: code)))
            }
        }
        subchannel.startWaiting()
        closeIfDrained()
    }
}
