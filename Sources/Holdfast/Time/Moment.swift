/// The time of one step, read from the clock when first asked for and then kept, so that all gates of a pipeline share one
/// reading and a gate that needs none costs none.
public struct Moment: Sendable {
    private let source: TimeSource
    private var reading: Instant?

    /// A moment whose time is not read yet.
    public init(_ source: TimeSource) {
        self.source = source
    }

    /// The time; read from the clock the first time.
    public mutating func now() -> Instant {
        if let reading { return reading }
        let now = source.now()
        reading = now
        return now
    }

    /// Forgets the reading, after something that took time.
    public mutating func pass() {
        reading = nil
    }
}
