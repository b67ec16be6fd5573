/// Measures one kind of ``Pressure``.
///
/// The controller asks at its sampling interval, from a timer and never on the path of a call. Write one to measure what the
/// system does not tell, or to script a test.
public protocol PressureSignal: Sendable {
    /// The pressure now, in the unit of its kind; nil when it cannot be told, which counts as
    /// none. Not a number is neither pressure nor calm.
    ///
    /// It must return within microseconds: it is called on the clock's own thread.
    func reading(at now: Instant) -> Double?
}
