/// Manual control of many breakers at once, such as all those in front of one data centre.
extension Sequence where Element == CircuitBreaker {
    /// Refuses every call of every breaker until ``release()`` or ``reset()``.
    public func isolate() async {
        for breaker in self { await breaker.isolate() }
    }

    /// Lets every call of every breaker through, records nothing, until ``release()`` or ``reset()``.
    public func disable() async {
        for breaker in self { await breaker.disable() }
    }

    /// Lets every call of every breaker through, and reports what would have been refused, until ``release()`` or ``reset()``.
    public func observe() async {
        for breaker in self { await breaker.observe() }
    }

    /// Opens every breaker as failures would; see ``CircuitBreaker/trip()``.
    public func trip() async {
        for breaker in self { await breaker.trip() }
    }

    /// Gives control back to every breaker, in the state it had.
    public func release() async {
        for breaker in self { await breaker.release() }
    }

    /// Closes every breaker, gives control back to it and forgets what it recorded.
    public func reset() async {
        for breaker in self { await breaker.reset() }
    }
}
