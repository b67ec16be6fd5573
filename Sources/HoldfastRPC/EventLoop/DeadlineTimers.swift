import Holdfast
import NIOCore

/// The deadlines of one event loop's calls: a timer wheel, and a single scheduled task for its next tick.
///
/// An event loop's own timers are a heap from which a cancelled one is searched for, one after another; of a call's
/// deadlines nearly all are cancelled. Confined to the event loop.
final class DeadlineTimers<Payload: AnyObject> {
    typealias Token = ObjectTimerWheel.Token

    private var wheel = ObjectTimerWheel(start: TimeSource.system.now())
    private var armedFor = Instant.distantFuture
    private var due: [AnyObject] = []
    private let eventLoop: any EventLoop
    private let fire: (Payload) -> Void
    private let afterFiring: () -> Void

    /// - Parameters:
    ///   - fire: called with each payload whose deadline has passed.
    ///   - afterFiring: called once behind them.
    init(eventLoop: any EventLoop, fire: @escaping (Payload) -> Void, afterFiring: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.fire = fire
        self.afterFiring = afterFiring
    }

    func insert(_ deadline: Instant, _ payload: Payload) -> Token {
        let token = wheel.insert(deadline, payload)
        if deadline < armedFor { arm(now: nil) }
        return token
    }

    func cancel(_ token: Token) {
        wheel.cancel(token)
    }

    private func arm(now: Instant?) {
        guard let next = wheel.nextExpiry, next < armedFor else { return }
        armedFor = next
        let delay = (now ?? TimeSource.system.now()).duration(to: next).nanoseconds
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(max(delay, 0))) { [weak self] in
            self?.tick(next)
        }
    }

    /// The task that was armed for `expiry` runs. It may have been overtaken by one for an earlier instant, and, the event
    /// loop's clock being another one, it may be a little early: either way what is still to come is armed for anew.
    private func tick(_ expiry: Instant) {
        let now = TimeSource.system.now()
        if expiry == armedFor { armedFor = .distantFuture }
        wheel.advance(to: now, into: &due)
        if !due.isEmpty {
            // Nothing else was inserted.
            for payload in due { fire(unsafeDowncast(payload, to: Payload.self)) }
            due.removeAll(keepingCapacity: true)
            afterFiring()
        }
        arm(now: now)
    }
}
