import Holdfast

/// Decides when a server's connection has had its time: it never began, its client is gone, nobody uses it, it is old, or it is
/// pinged too often.
///
/// A pure value. The connection wakes it now and then with what it has counted meanwhile, so that nothing of this costs a call a
/// reading of the clock; silence and idleness are therefore known to a quarter of their limits.
struct ConnectionWatch {
    /// What is to be done with the connection.
    enum Action: Equatable {
        case ping
        /// Take no new calls, and close when those that run are done.
        case drain
        /// Say which call was the last one, although the client did not answer the notice of it.
        case sayLast
        /// End what runs, and close.
        case stop
        /// Close at once: nobody is there to hear more.
        case close(String)
    }

    /// What the connection has counted.
    struct Sample {
        /// All bytes ever received.
        var received: UInt64
        /// All calls ever begun.
        var begun: UInt64
        /// Whether there are calls now.
        var isBusy: Bool
    }

    /// The time between two pings of a client that has no calls (gRPC A8).
    private static let pingIntervalWithoutCalls = Duration.seconds(2 * 3_600)

    private let configuration: RPCServer.Configuration
    private let started: Instant
    private let ageLimit: Instant?
    private var hasPreface = false

    private var received: UInt64 = 0
    private var lastHeard: Instant
    private var pingSent: Instant?
    private var begun: UInt64 = 0
    private var idleSince: Instant
    private var isBusy = false

    private var drainStarted: Instant?
    private var hasSaidLast = false
    private var stopsAt: Instant?

    private var lastPing: Instant?
    private var strikes = 0

    /// - Parameter jitter: 0 to 1, spreads the ages of connections that began together.
    init(_ configuration: RPCServer.Configuration, now: Instant, jitter: Double) {
        self.configuration = configuration
        started = now
        lastHeard = now
        idleSince = now
        ageLimit = configuration.maximumConnectionAge.map { age in
            now.advanced(by: .nanoseconds(Int64(saturating: Double(age.nanoseconds) * (0.9 + 0.2 * jitter))))
        }
    }

    /// Whether the next answer to a ping is one to ``Action/ping``.
    var awaitsAnswer: Bool { pingSent != nil }

    /// The client has sent its first frame.
    mutating func began() {
        hasPreface = true
    }

    /// The client has answered a ping.
    mutating func answered() {
        pingSent = nil
    }

    /// The connection takes no new calls from now on.
    mutating func drains(_ now: Instant) {
        if drainStarted == nil { drainStarted = now }
    }

    /// The client has been told which call was its last.
    mutating func saidLast() {
        hasSaidLast = true
    }

    /// The client has sent a ping.
    /// - Parameters:
    ///   - isBusy: whether it has calls.
    ///   - hasSpoken: whether the server has sent headers or messages since the last ping.
    /// - Returns: false when it was one too many.
    mutating func allowsPing(_ now: Instant, isBusy: Bool, hasSpoken: Bool) -> Bool {
        let rules = configuration.pingEnforcement
        guard rules.minimumInterval > .zero else { return true }
        defer { lastPing = now }
        if hasSpoken {
            strikes = 0
            return true
        }
        let interval = isBusy || rules.permitsPingsWithoutCalls ? rules.minimumInterval : Self.pingIntervalWithoutCalls
        if let lastPing, lastPing.duration(to: now) < interval { strikes += 1 }
        return strikes <= rules.strikes
    }

    /// Decides what is due. To be asked again at ``wake(after:)``.
    mutating func tick(_ now: Instant, _ sample: Sample) -> Action? {
        if sample.received != received {
            received = sample.received
            lastHeard = now
            pingSent = nil
        }
        if sample.isBusy || sample.begun != begun {
            begun = sample.begun
            idleSince = now
        }
        isBusy = sample.isBusy

        if !hasPreface, started.duration(to: now) >= configuration.prefaceTimeout {
            return .close("the client sent no HTTP/2 frame in time")
        }
        if let pingSent {
            if pingSent.duration(to: now) >= configuration.keepalive.timeout { return .close("the client did not answer a ping") }
        } else if let interval = configuration.keepalive.interval, lastHeard.duration(to: now) >= interval {
            pingSent = now
            return .ping
        }
        return drainStarted.map { tickWhileDraining(now, since: $0) } ?? tickWhileOpen(now)
    }

    private mutating func tickWhileOpen(_ now: Instant) -> Action? {
        if let ageLimit, now >= ageLimit {
            stopsAt = configuration.maximumConnectionAgeGrace.map { now.advanced(by: $0) }
            return .drain
        }
        if let idle = configuration.idleTimeout, !isBusy, idleSince.duration(to: now) >= idle { return .drain }
        return nil
    }

    private func tickWhileDraining(_ now: Instant, since start: Instant) -> Action? {
        if let stopsAt, now >= stopsAt { return .stop }
        if !hasSaidLast, start.duration(to: now) >= configuration.keepalive.timeout { return .sayLast }
        return nil
    }

    /// When to ask again; it may be in the past.
    func wake(after now: Instant) -> Instant {
        var next = hasPreface ? .distantFuture : started.advanced(by: configuration.prefaceTimeout)
        if let pingSent {
            next = min(next, pingSent.advanced(by: configuration.keepalive.timeout))
        } else if let interval = configuration.keepalive.interval {
            next = min(next, lastHeard.advanced(by: interval), now.advanced(by: interval / 4))
        }
        guard let drainStarted else {
            if let idle = configuration.idleTimeout {
                next = min(next, now.advanced(by: idle / 4))
                if !isBusy { next = min(next, idleSince.advanced(by: idle)) }
            }
            return min(next, ageLimit ?? next)
        }
        if !hasSaidLast { next = min(next, drainStarted.advanced(by: configuration.keepalive.timeout)) }
        return min(next, stopsAt ?? next)
    }
}
