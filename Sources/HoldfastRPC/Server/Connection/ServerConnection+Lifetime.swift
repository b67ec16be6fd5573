import Holdfast
import NIOCore

/// Acts on what the watch decides.
extension ServerConnection {
    /// Has the watch asked again when it wants to be.
    func scheduleTick(_ now: Instant) {
        nextTick?.cancel()
        var wake = min(watch.wake(after: now), lastSearch.advanced(by: configuration.requestTimeout))
        if let timeout = configuration.readTimeout { wake = min(wake, lastSearchForUnread.advanced(by: timeout)) }
        // Not so often that it keeps a core busy, and not so far away that the event loop cannot count it.
        let delay = min(max(now.duration(to: wake), .milliseconds(1)), .seconds(24 * 3_600))
        nextTick = context?.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.nanoseconds)) { [weak self] in
            self?.tick()
        }
    }

    private func tick() {
        let now = TimeSource.system.now()
        if lastSearch.duration(to: now) >= configuration.requestTimeout {
            lastSearch = now
            refuseSlowRequests()
        }
        if let timeout = configuration.readTimeout, lastSearchForUnread.duration(to: now) >= timeout {
            lastSearchForUnread = now
            abandonUnreadAnswers()
        }
        switch watch.tick(now, .init(received: session.totalReceived, begun: begunCalls, isBusy: isBusy)) {
        case .ping: session.submitPing()
        case .drain: drain()
        case .sayLast: sayLast()
        case .stop: stop()
        case .close(let reason): return close(reason)
        case nil: break
        }
        flush()
        scheduleTick(now)
    }

    /// The client has sent a ping; nghttp2 answers it.
    func pinged() {
        let isAllowed = watch.allowsPing(TimeSource.system.now(), isBusy: isBusy, hasSpoken: session.hasSpoken)
        session.hasSpoken = false
        guard !isAllowed else { return }
        session.submitGoAway(.enhanceYourCalm, because: "too_many_pings")
        session.terminate(.enhanceYourCalm)
    }
}
