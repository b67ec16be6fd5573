/// One attempt on its way through the gates of a pipeline: until when it may take, who asks, and what time it is.
///
/// The time is read from the clock when it is first asked for and then kept, so that all gates of a pipeline share one reading
/// and a gate that needs none costs none.
public struct Attempt: Sendable {
    /// When the attempt must be over; nil for never.
    public var deadline: Instant?
    /// What the caller said about the call.
    public let attributes: CallAttributes
    @usableFromInline let source: TimeSource
    @usableFromInline var reading: Instant?

    /// An attempt whose time is not read yet.
    @inlinable
    public init(_ source: TimeSource, deadline: Instant? = nil, attributes: CallAttributes = CallAttributes()) {
        self.source = source
        self.deadline = deadline
        self.attributes = attributes
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
    public mutating func passTime() {
        reading = nil
    }
}
