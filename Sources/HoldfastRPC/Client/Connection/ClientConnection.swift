import DequeModule
import Holdfast
import NIOCore

/// The client's end of one HTTP/2 connection: which calls it carries, and which wait for a free stream.
///
/// Confined to the event loop.
final class ClientConnection: SessionHandler {
    private let transport: SocketTransport
    private let authority: String
    private var waiting: Deque<ClientCall> = []
    private var concurrentStreams = 0
    private var isReady = false
    /// Whether the server has said that it takes no more calls.
    private(set) var isDraining = false

    init(transport: SocketTransport, authority: String, limits: SessionLimits) throws(SessionError) {
        self.transport = transport
        self.authority = authority
        super.init(session: try HTTP2Session(role: .client, limits: limits))
    }

    // What the transport asks for. It calls `flush()` when it has asked for all.

    func start(_ call: ClientCall) {
        call.connection = self
        guard session.streams.count < concurrentStreams, waiting.isEmpty else { return waiting.append(call) }
        open(call)
    }

    private func open(_ call: ClientCall) {
        let timeout = call.deadline.map { TimeSource.system.now().duration(to: $0).nanoseconds }
        let opening = session.submitRequest(
            call, authority: authority, path: call.path, timeout: timeout, metadata: call.metadata)
        switch opening {
        case .opened: call.attempts?.add()
        case .exhausted:
            drain()
            transport.start(call)
        case .failed(let error):
            transport.finish(call, .failure(RPCError.local(.internalError, "the call could not be sent: \(error)")))
        }
    }

    /// Takes no more calls; those that wait for a stream go to another connection.
    private func drain() {
        guard !isDraining else { return }
        isDraining = true
        transport.connectionDrains(self)
        handOverWaiting()
    }

    private func handOverWaiting() {
        let calls = waiting
        waiting = []
        for call in calls where !call.isDone { transport.start(call) }
    }

    /// Ends the connection, and what it still carries, with `error`.
    func shutdown(_ error: RPCError) {
        for call in waiting { transport.finish(call, .failure(error)) }
        waiting = []
        failAll(error)
        session.terminate()
        flush()
        close(error.message)
    }

    /// Closes the connection if the server has not sent its first frame yet.
    func giveUpUnlessReady() {
        if !isReady { close("it did not answer in HTTP/2 in time") }
    }

    /// Resets the stream of a call that is over for this side, but not for the server.
    func closeStream(of call: ClientCall) {
        session.reset(call, .cancel)
    }

    private func failAll(_ error: RPCError) {
        for case let call as ClientCall in session.streams.values { transport.finish(call, .failure(error)) }
    }

    // SessionHandler

    override func started() {
        transport.connected(self)
    }

    override func handle(_ event: SessionEvent) {
        switch event {
        case .head(let stream): head(call(stream))
        case .message(let stream, let message):
            let call = call(stream)
            guard !call.isDone, let error = call.received(message) else { return }
            transport.finish(call, .failure(error))
        case .malformed(let stream, let error): transport.finish(call(stream), .failure(error.rpcError))
        case .ended(let stream): statusReceived(call(stream))
        case .sentLast: break
        case .drained(let stream):
            call(stream).drained(stream.drainedBytes)
            stream.drainedBytes = 0
        case .closed(let stream, let code): closed(call(stream), code)
        case .settings:
            concurrentStreams = session.remoteConcurrentStreams
            if !isReady {
                isReady = true
                transport.ready(self)
            }
            startWaiting()
        case .ping, .pong: break
        case .goAway:
            drain()
            if session.streams.isEmpty { close(nil) }
        }
    }

    override func ended(_ reason: String) {
        let place = isReady ? "lost the connection to \(transport.target)" : "could not connect to \(transport.target)"
        transport.connectionEnded(self, reason: "\(place): \(reason)", wasReady: isReady)
        failAll(.connection("\(place): \(reason)"))
        handOverWaiting()
    }

    /// Every stream of a client's session was made by ``open(_:)``.
    private func call(_ stream: SessionStream) -> ClientCall {
        unsafeDowncast(stream, to: ClientCall.self)
    }

    private func head(_ call: ClientCall) {
        guard !call.isDone else { return }
        if let error = ResponseStatus.complaint(about: call.head) {
            transport.finish(call, .failure(error))
        } else {
            call.receivedHead()
        }
    }

    private func statusReceived(_ call: ClientCall) {
        guard !call.isDone else { return }
        transport.finish(call, ResponseStatus.outcome(head: call.head, trailers: call.trailers))
    }

    private func closed(_ call: ClientCall, _ code: UInt32) {
        if !call.isDone { transport.finish(call, .failure(ResponseStatus.error(reset: code))) }
        startWaiting()
        if isDraining, session.streams.isEmpty { close(nil) }
    }

    private func startWaiting() {
        while session.streams.count < concurrentStreams, let call = waiting.popFirst() {
            if !call.isDone { open(call) }
        }
    }
}
