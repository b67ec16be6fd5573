public import Synchronization

/// A `Mutex` that the thread sanitizer understands.
///
/// On Linux the sanitizer cannot see `Mutex`: its lock word lives in a library that is not instrumented, so two threads that
/// share nothing but a mutex are reported as racing. Built with `-DHOLDFAST_TSAN`, an atomic inside the critical section tells
/// it what the lock guarantees; otherwise this is a `Mutex` and nothing else.
@usableFromInline
package struct Locked<Value: ~Copyable>: ~Copyable, Sendable {
    @usableFromInline let mutex: Mutex<Value>
    #if HOLDFAST_TSAN
    @usableFromInline let edge = Atomic<UInt>(0)
    #endif

    @inlinable
    package init(_ value: consuming sending Value) {
        mutex = Mutex(value)
    }

    /// Calls `body` with the lock held. Callbacks, continuations and user code must not run in it.
    @inlinable
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        #if HOLDFAST_TSAN
        return try mutex.withLock { value throws(Failure) in
            _ = edge.load(ordering: .acquiring)
            defer { edge.store(1, ordering: .releasing) }
            return try body(&value)
        }
        #else
        return try mutex.withLock(body)
        #endif
    }
}
