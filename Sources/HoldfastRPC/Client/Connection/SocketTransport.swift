import Holdfast
import NIOCore

/// Carries a client's calls over HTTP/2 connections, which are made when the first call needs them.
///
/// Sendable because the event loop owns everything that changes: tasks reach it through the queue of commands only.
final class SocketTransport: ClientTransport, @unchecked Sendable {
    private enum State {
        /// The state while calls are taken.
        case open
        /// The state while calls that were taken may end, and no others are taken.
        case draining
        /// The state once all is closed or being closed.
        case shutDown
    }

    let configuration: RPCClient.Configuration
    let eventLoop: any EventLoop
    /// Where jitter and balancing draw from; a seeded sequence, since asking the system for every call takes time.
    let random = RandomSource(seed: .random(in: .min ... .max))
    private let source: EndpointSource
    private let closed = AsyncValue<Void>()

    private var state = State.open
    /// Calls that were taken and have not ended.
    private var running = 0
    /// Connections that something was asked of since they were last flushed.
    private var touched: [ClientConnection] = []
    /// Whether a flush will follow by itself.
    private var willFlush = false

    // Set once in `init`, after which they do not change.
    private(set) var pool: EndpointPool!
    private var commands: SubmissionQueue<ClientCommand>!
    private var timers: DeadlineTimers<ClientCall>!

    init(
        _ source: EndpointSource, configuration: RPCClient.Configuration, eventLoop: any EventLoop,
        resolver: any NameResolver = SystemNameResolver()
    ) {
        self.source = source
        self.configuration = configuration
        self.eventLoop = eventLoop
        pool = EndpointPool(source, transport: self, resolver: resolver)
        commands = SubmissionQueue(eventLoop: eventLoop) { [weak self] in self?.perform(&$0) }
        timers = DeadlineTimers(
            eventLoop: eventLoop, fire: { [weak self] in self?.expire($0) }, afterFiring: { [weak self] in self?.flush() })
    }

    // ClientTransport: on tasks

    nonisolated(nonsending) func unary(_ request: UnaryRequest) async throws -> RPCResponse<[UInt8]> {
        try MessageLimit.check(request.message, limit: configuration.limits.messageLength)
        let call = UnaryCall(request)
        let reply = try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                call.wait(continuation)
                if !commands.submit(.start(call)) { call.end(.failure(Self.shutDownError)) }
            }
        } onCancel: {
            commands.submit(.cancel(call))
        }
        return try reply.decompressed(limit: configuration.limits.messageLength)
    }

    func open(_ request: StreamRequest) -> any ClientStream {
        let call = StreamingCall(request, limits: configuration.limits) { [commands] in commands!.submit($0) }
        if !commands.submit(.start(call)) { call.end(.failure(Self.shutDownError)) }
        return call
    }

    var hasSeveralEndpoints: Bool { source.mayBeSeveral }

    var endpointBreakers: [CircuitBreaker] { pool.breakers.withLock { $0 } }

    func shutdown(grace: Duration) async {
        commands.submit(.shutdown(grace: grace))
        try? await closed.value()
    }

    /// Shuts down without waiting for it.
    func abandon() {
        // Not through the queue, which does not keep the transport alive.
        eventLoop.execute { self.shutDown() }
    }

    // All below runs on the event loop.

    private func perform(_ batch: inout [ClientCommand]) {
        willFlush = true
        for command in batch { perform(command) }
        flush()
    }

    private func perform(_ command: ClientCommand) {
        switch command {
        case .start(let call): begin(call)
        case .cancel(let call):
            guard call.isStarted else {
                call.isCancelledBeforeStart = true
                return
            }
            finish(call, .failure(CancellationError()))
        case .send(let call, let message):
            guard !call.isDone, !call.outbound.isFinished else { return }
            call.append(message)
            call.connection?.resume(call)
        case .finishSending(let call):
            guard !call.isDone else { return }
            call.outbound.isFinished = true
            call.connection?.resume(call)
        case .returnWindow(let call): call.connection?.returnWindow(of: call)
        case .shutdown(let grace): drain(grace)
        }
    }

    // What is asked of connections goes out once for a batch of commands, or once for a turn of the loop.

    func touch(_ connection: ClientConnection) {
        connection.isTouched = true
        touched.append(connection)
        guard !willFlush else { return }
        willFlush = true
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    func flush() {
        while let connection = touched.popLast() {
            connection.isTouched = false
            connection.flush()
        }
        willFlush = false
    }

    // The life of a call

    private func begin(_ call: ClientCall) {
        call.isStarted = true
        running += 1
        guard !call.isCancelledBeforeStart else { return finish(call, .failure(CancellationError())) }
        guard case .open = state else { return finish(call, .failure(Self.shutDownError)) }
        if let deadline = call.deadline {
            guard deadline > TimeSource.system.now() else { return expire(call) }
            call.timer = timers.insert(deadline, call)
        }
        pool.start(call)
    }

    /// Finds another connection for a call that was not sent.
    func restart(_ call: ClientCall) {
        guard !call.isDone else { return }
        pool.release(call, nil)
        if case .shutDown = state { return finish(call, .failure(Self.shutDownError)) }
        pool.start(call)
    }

    /// The server refused `call` unseen: it is sent once more, elsewhere if there is an elsewhere (S64).
    func refused(_ call: ClientCall) {
        guard !call.wasResent, call.rewind() else {
            return finish(call, .failure(RPCError.connection("the server refused the call before it began").unprocessed))
        }
        call.wasResent = true
        restart(call)
    }

    func refuseForFullQueue(_ call: ClientCall) {
        let error = RPCError.local(
            .resourceExhausted, "\(configuration.maximumWaitingCalls) calls wait already to be sent to \(source)")
        finish(call, .failure(error.unprocessed))
    }

    /// Ends `call` with `outcome`, unless it has ended already, and resets its stream if that is still open.
    func finish(_ call: ClientCall, _ outcome: Result<Metadata, any Error>) {
        guard !call.isDone else { return }
        call.isDone = true
        if let timer = call.timer { timers.cancel(timer) }
        if let queue = call.queue {
            call.queue = nil
            queue.callEnded()
        }
        if call.isOpen { call.connection?.closeStream(of: call) }
        pool.release(call, outcome)
        call.end(outcome)
        running -= 1
        if running == 0, case .draining = state { shutDown() }
    }

    /// Ends `call`, whose deadline has passed.
    func expire(_ call: ClientCall) {
        let place = call.subchannel?.endpoint.description ?? source.description
        finish(call, .failure(RPCError.local(.deadlineExceeded, "the call's deadline passed before \(place) had answered")))
    }

    // The end

    private func drain(_ grace: Duration) {
        if case .shutDown = state { return }
        guard running > 0, grace > .zero else { return shutDown() }
        state = .draining
        // A loop cannot add more to its clock than there is.
        let nanoseconds = min(grace.nanoseconds, 365 * 86_400 * 1_000_000_000)
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) { [weak self] in self?.shutDown() }
    }

    private func shutDown() {
        if case .shutDown = state { return }
        state = .shutDown
        pool.shutdown(Self.shutDownError)
        for case .start(let call) in commands.close() {
            call.isStarted = true
            running += 1
            finish(call, .failure(Self.shutDownError))
        }
        connectionEnded()
    }

    /// A connection is closed, or all are to be.
    func connectionEnded() {
        pool.forgetClosed()
        if case .shutDown = state, pool.isClosed { closed.finish(.success(())) }
    }

    static let shutDownError = RPCError.local(.unavailable, "the client has been shut down")
}
