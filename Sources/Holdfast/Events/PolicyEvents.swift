/// The events of one or several policies, in the order of each policy's decisions, for one listener.
///
/// The buffer is bounded: a listener that falls behind loses the oldest events and can read how many in ``dropped``. It
/// never slows a call down. The subscription ends when this value and its iterator are gone or the listening task is cancelled.
public struct PolicyEvents: AsyncSequence, Sendable {
    fileprivate final class Lifetime: Sendable {
        let subscription: EventSubscription
        private let sources = Locked<[EventSource]>([])

        init(sources: [EventSource], capacity: Int) {
            subscription = EventSubscription(capacity: capacity)
            add(sources)
        }

        func add(_ sources: [EventSource]) {
            self.sources.withLock { $0 += sources }
            for source in sources { source.add(subscription) }
        }

        func removeAll() {
            for source in sources.withLock({ $0 }) { source.remove(subscription) }
        }

        deinit {
            removeAll()
        }
    }

    private let lifetime: Lifetime

    /// Listens to `sources` from now on.
    /// - Parameter capacity: how many events may wait for the listener; at least 1.
    public init(_ sources: [EventSource], capacity: Int = 1024) {
        lifetime = Lifetime(sources: sources, capacity: capacity)
    }

    /// How many events were lost because the listener fell behind.
    public var dropped: Int { lifetime.subscription.dropped }

    /// Takes what is buffered, without waiting.
    package func takeBuffered() -> [PolicyEvent] {
        lifetime.subscription.takeAll()
    }

    /// Listens to more sources, from now on.
    package func add(_ sources: [EventSource]) {
        lifetime.add(sources)
    }

    /// Ends the sequence: what is buffered still comes out, then nil.
    public func finish() {
        lifetime.removeAll()
        lifetime.subscription.finish()
    }

    /// Iterates over the events; one iterator at a time.
    public func makeAsyncIterator() -> Iterator {
        Iterator(lifetime: lifetime)
    }

    /// The iterator over a listener's events.
    public struct Iterator: AsyncIteratorProtocol {
        private let lifetime: Lifetime

        fileprivate init(lifetime: Lifetime) {
            self.lifetime = lifetime
        }

        /// The next event; nil after ``PolicyEvents/finish()`` or cancellation.
        public mutating func next() async -> PolicyEvent? {
            await lifetime.subscription.next()
        }
    }
}
