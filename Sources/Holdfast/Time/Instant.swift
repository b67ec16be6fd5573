/// A point on a monotonic clock, in nanoseconds.
///
/// Only differences between instants of one ``TimeSource`` mean anything. `Int64` nanoseconds reach 292 years, and all
/// arithmetic here saturates at both ends instead of trapping, so that an absurd duration is merely very far away.
public struct Instant: Comparable, Hashable, Sendable, BitwiseCopyable {
    /// Nanoseconds since the time source's origin.
    public var nanoseconds: Int64

    /// Makes the instant that many nanoseconds after the time source's origin.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// An instant that no clock reaches.
    public static var distantFuture: Instant { Instant(nanoseconds: .max) }

    /// The instant `duration` later (earlier when negative); saturates.
    @inlinable
    public func advanced(by duration: Duration) -> Instant {
        advanced(byNanoseconds: duration.nanoseconds)
    }

    @inlinable
    package func advanced(byNanoseconds delta: Int64) -> Instant {
        Instant(nanoseconds: nanoseconds.addingSaturating(delta))
    }

    /// The time from this instant to `other`; negative when `other` is earlier.
    @inlinable
    public func duration(to other: Instant) -> Duration {
        .nanoseconds(other.nanoseconds.subtractingSaturating(nanoseconds))
    }

    /// Whether `lhs` is earlier.
    @inlinable
    public static func < (lhs: Instant, rhs: Instant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    /// The instant `duration` after `instant`; saturates.
    @inlinable
    public static func + (instant: Instant, duration: Duration) -> Instant {
        instant.advanced(by: duration)
    }

    /// The instant `duration` before `instant`; saturates.
    @inlinable
    public static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.subtractingSaturating(duration.nanoseconds))
    }

    /// The time from `rhs` to `lhs`.
    @inlinable
    public static func - (lhs: Instant, rhs: Instant) -> Duration {
        rhs.duration(to: lhs)
    }
}
