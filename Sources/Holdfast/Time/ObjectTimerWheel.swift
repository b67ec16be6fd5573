/// A timer wheel of objects for other modules.
///
/// Generic code of this module runs unspecialized when it is called from another one, which makes a deadline cost several times as
/// much; here the wheel is compiled for objects once.
package struct ObjectTimerWheel {
    package typealias Token = TimerWheel<AnyObject>.Token

    private var wheel: TimerWheel<AnyObject>

    /// - Parameter start: deadlines up to here fire at the next ``advance(to:into:)``.
    package init(start: Instant) {
        wheel = TimerWheel(start: start)
    }

    /// Adds a deadline; one in the past fires at the next ``advance(to:into:)``.
    package mutating func insert(_ deadline: Instant, _ object: AnyObject) -> Token {
        wheel.insert(deadline, object)
    }

    /// Takes a deadline back, unless it fired or was cancelled already.
    package mutating func cancel(_ token: Token) {
        wheel.cancel(token)
    }

    /// Moves the wheel to `now` and appends what is due.
    package mutating func advance(to now: Instant, into due: inout [AnyObject]) {
        wheel.advance(to: now, into: &due)
    }

    /// When to call ``advance(to:into:)`` next: never later than the earliest deadline, perhaps earlier. Nil when empty.
    package var nextExpiry: Instant? { wheel.nextExpiry }
}
