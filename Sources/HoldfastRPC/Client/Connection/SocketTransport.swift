import DequeModule
import Holdfast
import NIOCore
import NIOPosix

/// Carries a client's calls over one HTTP/2 connection at a time, made when the first call needs it.
///
/// Sendable because the event loop owns everything that changes: tasks reach it through the queue of commands only.
final class SocketTransport: ClientTransport, @unchecked Sendable {
    private enum State {
        /// The state while nothing is connected and nothing stands against trying.
        case idle
        /// The state while an attempt to connect runs.
        case connecting
        /// The state while there is a connection that takes calls.
        case ready(ClientConnection)
        /// The state while calls are refused, since the last attempt has just failed.
        case backoff(until: Instant, RPCError)
        /// The state once no more calls are taken.
        case shutDown
    }

    let target: RPCTarget
    private let configuration: RPCClient.Configuration
    private let eventLoop: any EventLoop
    private let closed = AsyncValue<Void>()

    private var state = State.idle
    /// Calls that wait for the connection that is being made.
    private var pending: Deque<ClientCall> = []
    /// Every connection that is not closed, those that drain included.
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var failures = 0
    private var attemptStarted = Instant(nanoseconds: 0)
    private var random = RandomSource.system

    // Set once in `init`, after which they do not change.
    private var commands: SubmissionQueue<ClientCommand>!
    private var timers: DeadlineTimers<ClientCall>!

    init(target: RPCTarget, configuration: RPCClient.Configuration, eventLoop: any EventLoop) {
        self.target = target
        self.configuration = configuration
        self.eventLoop = eventLoop
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
                if !commands.submit(.start(call)) { continuation.resume(throwing: Self.shutDownError) }
            }
        } onCancel: {
            commands.submit(.cancel(call))
        }
        return try reply.decompressed(limit: configuration.limits.messageLength)
    }

    func open(_ request: StreamRequest) -> any ClientStream {
        let call = StreamingCall(request, limits: configuration.limits) { [commands] in commands!.submit($0) }
        if !commands.submit(.start(call)) { call.finished(.failure(Self.shutDownError)) }
        return call
    }

    func shutdown() async {
        commands.submit(.shutdown)
        try? await closed.value()
    }

    /// Shuts down without waiting for it.
    func abandon() {
        commands.submit(.shutdown)
    }

    // All below runs on the event loop.

    private func perform(_ batch: inout [ClientCommand]) {
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
            call.outbound.append(message)
            call.connection?.session.resume(call)
        case .finishSending(let call):
            guard !call.isDone else { return }
            call.outbound.isFinished = true
            call.connection?.session.resume(call)
        case .returnWindow(let call): call.connection?.session.returnWindow(of: call)
        case .shutdown: shutDown()
        }
    }

    private func flush() {
        if connections.count == 1, let only = connections.first?.value { return only.flush() }
        for connection in connections.values { connection.flush() }
    }

    private func begin(_ call: ClientCall) {
        call.isStarted = true
        guard !call.isCancelledBeforeStart else { return finish(call, .failure(CancellationError())) }
        if let deadline = call.deadline {
            guard deadline > TimeSource.system.now() else { return expire(call) }
            call.timer = timers.insert(deadline, call)
        }
        start(call)
    }

    /// Gives `call` to a connection, or lets it wait for one.
    func start(_ call: ClientCall) {
        switch state {
        case .ready(let connection):
            connection.start(call)
        case .connecting:
            pending.append(call)
        case .idle:
            pending.append(call)
            connect()
        case .backoff(let until, let error):
            guard TimeSource.system.now() >= until else { return finish(call, .failure(error)) }
            pending.append(call)
            connect()
        case .shutDown:
            finish(call, .failure(Self.shutDownError))
        }
    }

    /// Ends `call` with `outcome`, unless it has ended already, and resets its stream if that is still open.
    func finish(_ call: ClientCall, _ outcome: Result<Metadata, any Error>) {
        guard !call.isDone else { return }
        call.isDone = true
        if let timer = call.timer { timers.cancel(timer) }
        // A call that waits for a stream or a connection is skipped when its turn comes.
        if call.isOpen { call.connection?.closeStream(of: call) }
        call.finished(outcome)
    }

    private func expire(_ call: ClientCall) {
        finish(call, .failure(RPCError.local(.deadlineExceeded, "the call's deadline passed before \(target) had answered")))
    }

    // Connecting

    private func connect() {
        state = .connecting
        attemptStarted = TimeSource.system.now()
        let (target, limits) = (target, configuration.limits)
        let (authority, userAgent) = (configuration.authority ?? target.authority, UserAgent.text(prefix: configuration.userAgentPrefix))
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(max(configuration.connectTimeout.nanoseconds, 0)))
            .channelOption(.tcpOption(.tcp_nodelay), value: target.isTCP ? 1 : 0)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try ClientConnection(transport: self, authority: authority, limits: limits)
                    connection.session.userAgent = userAgent
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        let attempt =
            switch target {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        attempt.assumeIsolated().whenFailure { [self] error in
            attemptFailed(.connection("could not connect to \(target): \(ConnectFailure.describe(error))"))
            flush()
        }
    }

    /// The socket is connected; whether HTTP/2 is spoken on it remains to be seen.
    func connected(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = connection
        guard case .connecting = state else { return connection.shutdown(Self.shutDownError) }
        let rest = configuration.connectTimeout.nanoseconds - attemptStarted.duration(to: TimeSource.system.now()).nanoseconds
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(max(rest, 0))) { [weak connection] in
            connection?.giveUpUnlessReady()
        }
    }

    /// The server has sent its first frame.
    func ready(_ connection: ClientConnection) {
        guard case .connecting = state else { return }
        state = .ready(connection)
        failures = 0
        let calls = pending
        pending = []
        for call in calls where !call.isDone { start(call) }
    }

    func connectionDrains(_ connection: ClientConnection) {
        if case .ready(let current) = state, current === connection { state = .idle }
    }

    func connectionEnded(_ connection: ClientConnection, reason: String, wasReady: Bool) {
        connections[ObjectIdentifier(connection)] = nil
        if wasReady {
            connectionDrains(connection)
        } else {
            attemptFailed(.connection(reason))
        }
        if case .shutDown = state, connections.isEmpty { closed.finish(.success(())) }
    }

    private func attemptFailed(_ error: RPCError) {
        guard case .connecting = state else { return }
        failures += 1
        let pause = configuration.backoff.pause(failures: failures, random: random.uniform())
        state = .backoff(until: attemptStarted.advanced(by: pause), error)
        let calls = pending
        pending = []
        for call in calls { finish(call, .failure(error)) }
    }

    private func shutDown() {
        if case .shutDown = state { return }
        state = .shutDown
        let calls = pending
        pending = []
        for call in calls { finish(call, .failure(Self.shutDownError)) }
        for connection in connections.values { connection.shutdown(Self.shutDownError) }
        for case .start(let call) in commands.close() { finish(call, .failure(Self.shutDownError)) }
        if connections.isEmpty { closed.finish(.success(())) }
    }

    private static let shutDownError = RPCError.local(.unavailable, "the client has been shut down")
}
