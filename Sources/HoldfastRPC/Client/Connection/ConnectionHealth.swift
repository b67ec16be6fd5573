import Holdfast
import NIOCore

/// Looks after one connection: pings a silent server, and closes what has carried no calls for long.
///
/// Confined to the event loop.
final class ConnectionHealth {
    private weak var connection: ClientConnection?
    private let eventLoop: any EventLoop
    private var keepalive: KeepaliveStateMachine?
    private let keepaliveTimeout: Duration
    /// The most time between two looks at whether the server has said something.
    private let longestWait: Duration
    /// What had been received when that was last looked at.
    private var received: UInt64 = 0
    /// Whether a call began since the idle timer was set.
    private var hasBegun = false

    init(_ connection: ClientConnection, _ configuration: RPCClient.Configuration, keepaliveFactor: Int64, eventLoop: any EventLoop) {
        self.connection = connection
        self.eventLoop = eventLoop
        keepaliveTimeout = configuration.keepalive?.timeout ?? .zero
        // Not so often that it keeps a core busy.
        longestWait = max((configuration.keepalive?.interval ?? .zero) / 4, .milliseconds(1))
        if let rule = configuration.keepalive {
            let now = TimeSource.system.now()
            keepalive = KeepaliveStateMachine(rule, factor: keepaliveFactor, now: now)
            lookAfterSilence()
        }
        if let idleTimeout = configuration.idleTimeout { closeWhenIdle(idleTimeout) }
    }

    /// A call begins.
    func callBegins() {
        hasBegun = true
    }

    /// The connection is gone.
    func stop() {
        connection = nil
        silenceTimer?.cancel()
        idleTimer?.cancel()
    }

    private var silenceTimer: Scheduled<Void>?
    private var idleTimer: Scheduled<Void>?

    /// Any bytes are a sign of life, those of a message that is still incomplete too. They are looked at four times per interval, so
    /// that no clock is read for them on a call's way.
    private func lookAfterSilence() {
        guard let connection else { return }
        let now = TimeSource.system.now()
        if connection.session.totalReceived != received {
            received = connection.session.totalReceived
            keepalive?.heard(now: now)
        }
        let next: Instant
        switch keepalive?.look(now: now, hasCalls: connection.hasCalls) {
        case .wait(let until): next = until
        case .ping(let thenWaitUntil):
            next = thenWaitUntil
            connection.ping()
        case .close: return connection.giveUpSilent(after: keepaliveTimeout)
        case nil: return
        }
        silenceTimer = after(min(now.duration(to: next), longestWait)) { $0.lookAfterSilence() }
    }

    /// Looks once in a timeout whether a call began since, as gRPC's idle filter does: no clock is read for it on a call's way. A
    /// connection is closed after one to two timeouts without calls.
    private func closeWhenIdle(_ timeout: Duration) {
        hasBegun = false
        idleTimer = after(timeout) { health in
            guard let connection = health.connection else { return }
            if health.hasBegun || connection.hasCalls { return health.closeWhenIdle(timeout) }
            connection.retire()
        }
    }

    private func after(_ delay: Duration, _ action: @escaping (ConnectionHealth) -> Void) -> Scheduled<Void> {
        // A year is for ever, and what a loop can add to its clock.
        let nanoseconds = min(max(delay.nanoseconds, 0), 365 * 86_400 * 1_000_000_000)
        return eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) { [weak self] in
            if let self { action(self) }
        }
    }
}
