import Holdfast

/// Decides when a connection is pinged, and when its silence is its end.
struct KeepaliveStateMachine {
    enum Action: Equatable {
        /// Look again then.
        case wait(until: Instant)
        /// Send a ping, and look again then.
        case ping(thenWaitUntil: Instant)
        /// The ping was not answered.
        case close
    }

    private let interval: Int64
    private let timeout: Int64
    private let permitWithoutCalls: Bool
    private var lastHeard: Instant
    /// When the ping that is not answered yet was sent.
    private var pinged: Instant?

    /// - Parameter factor: how many times longer the interval is, because servers complained about pings (A8).
    init(_ rule: Keepalive, factor: Int64, now: Instant) {
        let (product, overflow) = rule.interval.nanoseconds.multipliedReportingOverflow(by: factor)
        interval = overflow ? .max : product
        timeout = rule.timeout.nanoseconds
        permitWithoutCalls = rule.permitWithoutCalls
        lastHeard = now
    }

    /// The server has said something.
    mutating func heard(now: Instant) {
        lastHeard = now
        pinged = nil
    }

    /// Looks after the connection; the first time an interval after its start.
    mutating func look(now: Instant, hasCalls: Bool) -> Action {
        if let pinged {
            let end = pinged.advanced(byNanoseconds: timeout)
            return now >= end ? .close : .wait(until: end)
        }
        guard hasCalls || permitWithoutCalls else { return .wait(until: now.advanced(byNanoseconds: interval)) }
        let due = lastHeard.advanced(byNanoseconds: interval)
        guard now >= due else { return .wait(until: due) }
        pinged = now
        return .ping(thenWaitUntil: now.advanced(byNanoseconds: timeout))
    }
}
