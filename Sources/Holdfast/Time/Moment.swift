/// The time of one step, read from the clock when first asked for and then kept, so that all gates of a pipeline share one
/// reading and a gate that needs none costs none.
public struct Moment: Sendable {
    @usableFromInline let source: TimeSource
    @usableFromInline var reading: Instant?

    /// A moment whose time is not read yet.
    @inlinable
    public init(_ source: TimeSource) {
        self.source = source
    }

    /// The time; read from the clock the first time.
    @inlinable
    public mutating func now() -> Instant {
        if let reading { return reading }
        let now = source.now()
        reading = now
        return now
    }

    /// Forgets the reading, after something that took time.
    @inlinable
    public mutating func pass() {
        reading = nil
    }
}
