import Holdfast
import NIOCore

/// The server's end of one HTTP/2 connection: starts a task for each call, and sends what the tasks produce.
///
/// Confined to the event loop.
final class ServerConnection: SessionHandler {
    private let router: RPCRouter
    private let interceptors: ArraySlice<ServerInterceptor>
    let configuration: RPCServer.Configuration
    private let limits: SessionLimits
    private let onStart: (SubmissionQueue<ServerCommand>) -> Void
    private let onEnd: (SubmissionQueue<ServerCommand>) -> Void

    private var commands: SubmissionQueue<ServerCommand>?
    private var timers: DeadlineTimers<ServerResponder>?
    var peer = ServerPeer(nil)
    /// Handlers that run, those of streams that are gone included.
    private var runningHandlers = 0

    // What `ServerConnection+Lifetime.swift` goes by.
    var watch: ConnectionWatch
    var nextTick: Scheduled<Void>?
    /// When streams were last searched for requests that do not arrive.
    var lastSearch: Instant
    /// When streams were last searched for answers that are not read.
    var lastSearchForUnread: Instant
    /// Calls ever begun.
    private(set) var begunCalls: UInt64 = 0
    private(set) var isDraining = false
    /// Whether the client has been told which call was its last.
    private var hasSaidLast = false
    /// Whether handlers that still run are waited for no more.
    private var isStopped = false
    /// Whether the channel is gone.
    private var isGone = false

    init(
        router: RPCRouter, interceptors: [ServerInterceptor], configuration: RPCServer.Configuration,
        onStart: @escaping (SubmissionQueue<ServerCommand>) -> Void, onEnd: @escaping (SubmissionQueue<ServerCommand>) -> Void
    ) throws(SessionError) {
        self.router = router
        self.interceptors = interceptors[...]
        self.configuration = configuration
        limits = configuration.sessionLimits
        self.onStart = onStart
        self.onEnd = onEnd
        let now = TimeSource.system.now()
        watch = ConnectionWatch(configuration, now: now, jitter: RandomSource.system.uniform())
        lastSearch = now
        lastSearchForUnread = now
        let limits = limits
        super.init(session: try HTTP2Session(role: .server, limits: limits, makeStream: { ServerResponder() }))
    }

    // SessionHandler

    override func started() {
        guard let context else { return }
        peer = ServerPeer(context.remoteAddress)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let commands = SubmissionQueue<ServerCommand>(eventLoop: context.eventLoop) { bound.value.perform(&$0) }
        self.commands = commands
        timers = DeadlineTimers(
            eventLoop: context.eventLoop, fire: { [weak self] in self?.expire($0) },
            afterFiring: { [weak self] in self?.flush() })
        scheduleTick(TimeSource.system.now())
        onStart(commands)
    }

    override func handle(_ event: SessionEvent) {
        switch event {
        case .head(let stream): head(responder(stream))
        case .message(let stream, let message): received(message, responder(stream))
        case .malformed(let stream, let error): finish(responder(stream), FinalStatus(error.rpcError))
        case .ended(let stream): requestEnded(responder(stream))
        case .sentLast(let stream):
            // The client goes on sending what nobody reads.
            session.reset(stream, .noError)
        case .drained(let stream):
            responder(stream).drained(stream.drainedBytes)
            stream.drainedBytes = 0
        case .closed(let stream, _): closed(responder(stream))
        case .settings:
            watch.began()
            #if TLS
            identifyPeer()
            #endif
        case .ping: pinged()
        case .pong(let isForShutdown):
            if watch.awaitsAnswer, !isForShutdown { watch.answered() }
            if isDraining, isForShutdown { sayLast() }
        case .goAway: break
        }
    }

    override func ended(_ reason: String) {
        isGone = true
        nextTick?.cancel()
        for stream in session.streams.values { cancel(responder(stream)) }
        leaveWhenDone()
    }

    /// The connection is over once its channel is gone and its handlers have returned, so that a shutdown waits for them too.
    private func leaveWhenDone() {
        guard isGone, isStopped || runningHandlers == 0, let commands else { return }
        _ = commands.close()
        self.commands = nil
        onEnd(commands)
    }

    /// Every stream of a server's session was made by the factory given to it.
    private func responder(_ stream: SessionStream) -> ServerResponder {
        unsafeDowncast(stream, to: ServerResponder.self)
    }

    // What the client sends

    private func head(_ responder: ServerResponder) {
        begunCalls &+= 1
        // First: what else the headers say may be in the part that was not kept.
        if responder.head.isTooLarge {
            let error = RPCError(.resourceExhausted, "the headers are longer than the limit of \(limits.headerListSize) bytes")
            return finish(responder, FinalStatus(error))
        }
        guard responder.head.isPost else { return refuse(responder, "405") }
        guard responder.head.contentType == .grpc else { return refuse(responder, "415") }
        if let complaint = complaint(about: responder) { return finish(responder, FinalStatus(complaint)) }
        guard let route = router.route(responder.head.path) else {
            return finish(responder, FinalStatus(RPCError(.unimplemented, "there is no method \(responder.head.path.printable)")))
        }
        // A client that resets streams faster than their handlers notice must not pile up handlers.
        // Behind the last call, which the client has been told of, nothing may run: it is going to ask elsewhere.
        guard !hasSaidLast, runningHandlers < 2 * limits.concurrentStreams, let commands else {
            responder.isFinished = true
            return session.reset(responder, .refusedStream)
        }
        let deadline = responder.head.timeout.map { TimeSource.system.now().advanced(byNanoseconds: $0) }
        let call = ServerCall(
            route: route, metadata: responder.head.metadata, deadline: deadline, peer: peer,
            requestCompression: responder.head.encoding == .gzip ? .gzip : .identity, compression: limits.compression,
            acceptsGzip: responder.head.acceptsGzip, responder: responder)
        responder.prepare(call, limits: limits, commands: commands)
        if let deadline { responder.timer = timers?.insert(deadline, responder) }
        if !route.method.kind.hasSingleRequest { start(responder) }
    }

    private func complaint(about responder: ServerResponder) -> RPCError? {
        if case .unknown(let encoding) = responder.head.encoding {
            return RPCError(.unimplemented, "messages compressed with \"\(encoding)\" are not supported")
        }
        // No time is left: no work is begun (S40).
        if responder.head.timeout == 0 { return RPCError(.deadlineExceeded, "the deadline passed before the handler was done") }
        if responder.head.hasMalformedTimeout { return RPCError(.internalError, "the grpc-timeout is malformed") }
        return nil
    }

    /// Answers with an HTTP status, since what came is no gRPC.
    private func refuse(_ responder: ServerResponder, _ status: StaticString) {
        responder.isFinished = true
        responder.ignoresMessages = true
        session.submitHTTPStatus(responder, status)
    }

    private func received(_ message: WireMessage, _ responder: ServerResponder) {
        guard !responder.isFinished else { return }
        if let inbox = responder.inbox { return inbox.deliver(message) }
        guard responder.singleRequest == nil else {
            return finish(responder, FinalStatus(RPCError(.unimplemented, "the method takes one message, and more came")))
        }
        responder.singleRequest = message
    }

    private func requestEnded(_ responder: ServerResponder) {
        guard !responder.isFinished else { return }
        if let inbox = responder.inbox { return inbox.finish(.success(()), discarding: false) }
        guard responder.singleRequest != nil else {
            return finish(responder, FinalStatus(RPCError(.unimplemented, "the method takes one message, and none came")))
        }
        start(responder)
    }

    private func start(_ responder: ServerResponder) {
        runningHandlers += 1
        let interceptors = interceptors
        let placement = responder.call.route.placement
        guard configuration.beginsHandlersOnEventLoop, placement.takesLoop() else {
            responder.task = Task { await responder.run(interceptors) }
            return
        }
        let began = TimeSource.system.now()
        responder.isBeginning = true
        responder.task = Task.immediate { await responder.run(interceptors) }
        placement.ran(for: began.duration(to: TimeSource.system.now()).nanoseconds)
        if responder.isBeginning { responder.isBeginning = false } else { handlerEnded(responder) }
    }

    private func handlerEnded(_ responder: ServerResponder) {
        runningHandlers -= 1
        responder.task = nil
        if let ending = responder.ending.take() {
            if let reply = ending.reply, !responder.isFinished { responder.outbound.append(reply) }
            if ending.sendsHeaders, !responder.isFinished { respond(responder, ending.metadata) }
            finish(responder, ending.status, metadata: ending.metadata)
        }
        if isGone { leaveWhenDone() } else { closeIfDrained() }
    }

    private func closed(_ responder: ServerResponder) {
        cancel(responder)
        closeIfDrained()
    }

    /// Tells the handler that nobody waits any more.
    private func cancel(_ responder: ServerResponder) {
        responder.isFinished = true
        responder.ignoresMessages = true
        if let timer = responder.timer.take() { timers?.cancel(timer) }
        responder.task?.cancel()
        responder.task = nil
        responder.closeStreams()
    }

    private func expire(_ responder: ServerResponder) {
        responder.timer = nil
        // At its own deadline the client has gone, and a status would stand behind what it does not read, perhaps for ever. A limit it
        // does not know of, and is told.
        guard !responder.isFinished, responder.isLimited || responder.outbound.isEmpty else { return abandon(responder) }
        responder.task?.cancel()
        finish(responder, FinalStatus(RPCError(.deadlineExceeded, "the deadline passed before the handler was done")))
        responder.closeStreams()
    }

    /// Ends a call in the middle of what is being sent.
    private func abandon(_ responder: ServerResponder) {
        cancel(responder)
        session.reset(responder, .cancel)
    }

    // What the handlers send

    private func perform(_ batch: inout [ServerCommand]) {
        for command in batch { perform(command) }
        flush()
    }

    private func perform(_ command: ServerCommand) {
        switch command {
        case .send(let responder, let message, let metadata):
            guard !responder.isFinished else { return }
            responder.outbound.append(message)
            respond(responder, metadata)
        case .finish(let responder): handlerEnded(responder)
        case .limit(let responder, let deadline):
            limit(responder, to: deadline)
        case .returnWindow(let responder):
            session.returnWindow(of: responder)
        case .drain: drain()
        case .stop: stop()
        }
    }

    private func respond(_ responder: ServerResponder, _ metadata: Metadata) {
        if responder.hasResponded {
            session.resume(responder)
        } else {
            responder.hasResponded = true
            session.submitResponse(responder, metadata: metadata)
        }
    }

    private func finish(_ responder: ServerResponder, _ status: FinalStatus?, metadata: Metadata = [:]) {
        guard !responder.isFinished else { return }
        responder.isFinished = true
        responder.ignoresMessages = true
        // The client's deadline still holds, since the answer may have to wait for it to read; a limit was for the handler.
        if responder.isLimited {
            if let timer = responder.timer.take() { timers?.cancel(timer) }
            if let deadline = responder.call.deadline { responder.timer = timers?.insert(deadline, responder) }
        }
        if !responder.hasResponded, responder.outbound.isEmpty, let status, metadata.size + status.metadata.size <= Metadata.largestSize {
            return session.submitStatus(responder, metadata: metadata, status: status)
        }
        responder.finalStatus = status
        responder.outbound.isFinished = true
        respond(responder, metadata)
        submitted()
    }

    private func limit(_ responder: ServerResponder, to deadline: Instant) {
        guard !responder.isFinished, let timers else { return }
        if let own = responder.call.deadline, own <= deadline { return }
        if let timer = responder.timer.take() { timers.cancel(timer) }
        responder.timer = timers.insert(deadline, responder)
        responder.isLimited = true
    }

    // The end

    var isBusy: Bool { !session.streams.isEmpty || runningHandlers > 0 }

    /// Asks the client to go elsewhere. Calls that it has begun before it hears of that are still taken (RFC 9113, section 6.8).
    func drain() {
        guard !isDraining, !isGone else { return }
        isDraining = true
        session.submitShutdownNotice()
        let now = TimeSource.system.now()
        watch.drains(now)
        scheduleTick(now)
    }

    /// Tells the client which call was its last.
    func sayLast() {
        guard !hasSaidLast else { return }
        hasSaidLast = true
        watch.saidLast()
        session.submitGoAway()
        closeIfDrained()
    }

    /// Ends the calls that run, and the connection.
    func stop() {
        isStopped = true
        for stream in Array(session.streams.values) where stream.hasHead {
            let responder = responder(stream)
            finish(responder, FinalStatus(RPCError(.unavailable, "the server is shutting down")))
            responder.task?.cancel()
            responder.closeStreams()
        }
        flush()
        session.terminate()
        flush()
        close("the server was shut down")
        leaveWhenDone()
    }

    private func closeIfDrained() {
        if hasSaidLast, !isBusy { session.terminate() }
    }

    /// Ends the calls whose requests have not arrived since this was last asked.
    func refuseSlowRequests() {
        for stream in session.streams.values {
            let responder = responder(stream)
            guard responder.task == nil, !responder.isFinished else { continue }
            guard responder.isSlow else {
                responder.isSlow = true
                continue
            }
            // No other frame can come between the parts of a header block: the connection is stuck.
            guard responder.hasHead else { return close("the headers of a call did not arrive in time") }
            finish(responder, FinalStatus(RPCError(.cancelled, "the request did not arrive in time")))
        }
    }

    /// Ends the calls of whose answers nothing has left since this was last asked, although something waited then and now.
    func abandonUnreadAnswers() {
        for stream in session.streams.values {
            let responder = responder(stream)
            defer { responder.hasMoved = false }
            // A stream that is finished is open only as long as its answer waits.
            guard responder.isFinished || !responder.outbound.isEmpty, !responder.hasMoved else {
                responder.looksUnread = 0
                continue
            }
            responder.looksUnread += 1
            if responder.looksUnread == 2 { abandon(responder) }
            // Not even the reset can leave.
            if responder.looksUnread > 2 { return close("the client does not read what it is sent") }
        }
    }
}
