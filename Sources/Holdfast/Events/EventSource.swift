import Synchronization

/// Where a policy's events come out. Nobody listening costs one atomic load per decision.
///
/// Policies append events to a queue of their own while they decide, under their own lock. Delivery happens after that
/// lock is released, under the delivery lock here, so that listeners see the order of the decisions and may call back
/// into the policy.
public final class EventSource: Sendable {
    private let subscribers = Locked<[EventSubscription]>([])
    private let listening = Atomic(false)

    /// Makes a source without listeners.
    public init() {}

    /// Whether anybody listens; an event that nobody hears need not be made.
    public var hasSubscribers: Bool { listening.load(ordering: .relaxed) }

    /// Sends the events that `take` gives. It is called under the delivery lock and takes what the policy has queued, so
    /// whichever of several threads comes first delivers for all, in order.
    public func deliver(_ take: () -> [PolicyEvent]) {
        var wake: [EventSubscription] = []
        subscribers.withLock { subscribers in
            let events = take()
            guard !events.isEmpty else { return }
            for subscriber in subscribers {
                subscriber.append(events)
                wake.append(subscriber)
            }
        }
        for subscriber in wake { subscriber.wake() }
    }

    /// Sends one event of a policy that has no state to keep it in order with.
    public func deliver(_ event: PolicyEvent) {
        deliver { [event] }
    }

    func add(_ subscription: EventSubscription) {
        subscribers.withLock { subscribers in
            if !subscribers.contains(where: { $0 === subscription }) { subscribers.append(subscription) }
            listening.store(true, ordering: .relaxed)
        }
    }

    func remove(_ subscription: EventSubscription) {
        subscribers.withLock { subscribers in
            subscribers.removeAll { $0 === subscription }
            listening.store(!subscribers.isEmpty, ordering: .relaxed)
        }
    }
}
