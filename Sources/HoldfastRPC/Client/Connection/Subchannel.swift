import Holdfast
import NIOCore
import NIOPosix

/// The connections to one endpoint: made when needed, given up when lost, with gRPC's pauses in between.
///
/// Confined to the event loop. The transport outlives it: it owns the pool that owns it, and every connection keeps the transport.
final class Subchannel {
    /// Names it among the endpoints of its client.
    let id: Int
    let endpoint: Endpoint
    /// What the server sees as `:authority`.
    let authority: String
    let breaker: CircuitBreaker?
    /// The calls that were given to it and have not ended.
    var running = 0
    /// Since when it gets more and more calls after it was away; nil once it gets its share.
    var warmSince: Instant?
    /// How many times longer keepalive waits, since the server complained of pings (gRFC A8).
    private(set) var keepaliveFactor: Int64 = 1

    private unowned let transport: SocketTransport
    private let configuration: RPCClient.Configuration
    private let eventLoop: any EventLoop

    /// Connections that take calls.
    private var connections: [ClientConnection] = []
    /// Connections that are not closed, those that drain included.
    private var open: [ObjectIdentifier: ClientConnection] = [:]
    private var isConnecting = false
    private var isRetired = false
    /// Attempts ever made, so that one that is over does not speak for the next.
    private var attempts = 0
    private var attemptStarted = Instant(nanoseconds: 0)
    /// Attempts in a row that led to no answered call.
    private var failures = 0
    /// Whether the last connection that was lost had not answered a single call.
    private var wasUseless = false
    /// Why the last attempt failed, until the next may be made.
    private(set) var failure: RPCError?
    private var pauseTimer: Scheduled<Void>?
    /// Whether it was connected, or could have been, and then was not.
    private var wasAway = false
    /// Calls that wait for one of the connections to have room.
    private let waiting: CallQueue

    init(id: Int, endpoint: Endpoint, authority: String, transport: SocketTransport) {
        self.id = id
        self.endpoint = endpoint
        self.authority = authority
        self.transport = transport
        configuration = transport.configuration
        eventLoop = transport.eventLoop
        waiting = CallQueue(limit: configuration.maximumWaitingCalls)
        breaker = configuration.endpointBreaker.map { CircuitBreaker("endpoint \(endpoint)", $0) }
    }

    var readiness: EndpointCondition.Readiness {
        if !connections.isEmpty { return .ready }
        if isConnecting { return .connecting }
        return failure == nil ? .idle : .backoff
    }

    var isClosed: Bool { open.isEmpty }

    // Calls

    /// Sends `call`, or lets it wait for room. There must be a connection.
    func start(_ call: ClientCall) {
        if waiting.isEmpty, let connection = connectionWithRoom { return connection.open(call) }
        guard waiting.append(call) else { return transport.refuseForFullQueue(call) }
        grow()
    }

    /// Sends calls that wait, as far as there is room.
    func startWaiting() {
        while !waiting.isEmpty, let connection = connectionWithRoom, let call = waiting.popFirst() { connection.open(call) }
    }

    private var connectionWithRoom: ClientConnection? {
        connections.first { $0.hasRoom }
    }

    /// Makes another connection, if it may have another.
    private func grow() {
        if !isConnecting, failure == nil, connections.count < configuration.maximumConnectionsPerEndpoint { connect() }
    }

    // Connecting

    func connect() {
        isConnecting = true
        attempts += 1
        let number = attempts
        attemptStarted = TimeSource.system.now()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .resolver(configuration.hostResolver)
            .connectTimeout(.nanoseconds(max(configuration.connectTimeout.nanoseconds, 0)))
            .channelOption(.tcpOption(.tcp_nodelay), value: endpoint.isTCP ? 1 : 0)
            .channelInitializer { [transport] channel in
                channel.eventLoop.makeCompletedFuture {
                    let subchannel = bound.value
                    let security = subchannel.configuration.security
                    try security.addHandlers(to: channel, authority: subchannel.authority)
                    let connection = try ClientConnection(
                        transport: transport, subchannel: subchannel, attempt: number, limits: subchannel.configuration.limits)
                    connection.session.scheme = security.scheme
                    connection.session.userAgent = UserAgent.text(prefix: subchannel.configuration.userAgentPrefix)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        let attempt =
            switch endpoint.place {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        attempt.assumeIsolated().whenFailure { [self, transport] error in
            // Later, since an attempt can fail before this returns.
            eventLoop.assumeIsolated().execute {
                let reason = "could not connect to \(self.endpoint): \(ConnectFailure.describe(error))"
                self.attemptFailed(number, .connection(reason))
                transport.flush()
            }
        }
    }

    /// The socket is connected; whether HTTP/2 is spoken on it remains to be seen.
    func connected(_ connection: ClientConnection) {
        open[ObjectIdentifier(connection)] = connection
        guard !isRetired else { return connection.shutdown(SocketTransport.shutDownError) }
        let rest = configuration.connectTimeout.nanoseconds - attemptStarted.duration(to: TimeSource.system.now()).nanoseconds
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(max(rest, 0))) { [weak connection] in
            connection?.giveUpUnlessReady()
        }
    }

    /// The server has sent its first frame.
    func ready(_ connection: ClientConnection) {
        isConnecting = false
        guard !isRetired else { return connection.retire() }
        connections.append(connection)
        if connections.count == 1 {
            if wasAway { warmSince = TimeSource.system.now() }
            transport.pool.changed()
        }
        startWaiting()
    }

    /// A connection has carried its first answer: only now the way to the server is known to be good.
    func served() {
        failures = 0
        wasUseless = false
    }

    /// The server complained of too many pings: "the client should double the interval" (gRFC A8).
    func pingLess() {
        keepaliveFactor = min(keepaliveFactor * 2, 1 << 20)
    }

    /// A connection takes no more calls.
    /// - Parameter byPeer: whether that is the server's doing.
    func connectionDrains(_ connection: ClientConnection, byPeer: Bool) {
        guard let index = connections.firstIndex(where: { $0 === connection }) else { return }
        connections.remove(at: index)
        guard !isRetired else { return }
        if byPeer, !connection.hasServed {
            // Once can happen to a server that restarts; one that does so again is left alone for a while.
            if wasUseless { pause(.connection("\(endpoint) closed the connection before it had answered a call")) }
            wasUseless = true
        }
        // Calls that wait for room may wait for ever on the connections that are left.
        if connections.isEmpty { away() } else if !waiting.isEmpty { grow() }
    }

    /// A connection is closed, or could not be made. One to each of the host's addresses is tried, and the first that is connected
    /// counts: what becomes of the others is not said here, and whether all failed the attempt itself tells.
    func connectionEnded(_ connection: ClientConnection, reason: String, wasReady: Bool) {
        let wasConnected = open.removeValue(forKey: ObjectIdentifier(connection)) != nil
        if wasReady {
            connectionDrains(connection, byPeer: true)
        } else if wasConnected, !open.values.contains(where: { !$0.isReady }) {
            attemptFailed(connection.attempt, .connection(reason))
        }
        transport.connectionEnded()
    }

    private func attemptFailed(_ number: Int, _ error: RPCError) {
        guard isConnecting, number == attempts else { return }
        isConnecting = false
        guard !isRetired else { return }
        pause(error)
        if connections.isEmpty { away() }
    }

    /// Makes no attempt until a pause, counted from the start of the last attempt, is over.
    private func pause(_ error: RPCError) {
        failures += 1
        let pause = configuration.backoff.pause(failures: failures, random: transport.random.uniform())
        let end = attemptStarted.advanced(by: pause)
        // Also a pause that is over already is one: calls that waited for the attempt fail with it.
        let rest = max(TimeSource.system.now().duration(to: end).nanoseconds, 0)
        failure = error.unprocessed
        // A pause that still runs must not end this one early.
        pauseTimer?.cancel()
        pauseTimer = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(rest)) { [weak self] in self?.pauseIsOver() }
    }

    private func pauseIsOver() {
        failure = nil
        guard !isRetired else { return }
        if !waiting.isEmpty, !connections.isEmpty { grow() }
        transport.pool.changed()
    }

    /// No connection is left: calls that wait go elsewhere, or wait for the next one.
    private func away() {
        wasAway = true
        let calls = waiting.removeAll()
        transport.pool.lost(self)
        for call in calls { transport.restart(call) }
    }

    // The end

    /// Takes no more calls, and closes its connections when their calls have ended.
    func retire() {
        isRetired = true
        let calls = waiting.removeAll()
        for connection in open.values { connection.retire() }
        for call in calls { transport.restart(call) }
    }

    /// Ends all its calls with `error`, and closes its connections.
    func shutdown(_ error: RPCError) {
        isRetired = true
        for call in waiting.removeAll() { transport.finish(call, .failure(error)) }
        for connection in open.values { connection.shutdown(error) }
    }
}
