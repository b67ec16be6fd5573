import Synchronization

extension Locked where Value: ~Copyable {
    /// Calls `body` with the lock held if nobody else holds it; nil, and no wait, if somebody does.
    borrowing func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result? {
        #if HOLDFAST_TSAN
        return try mutex.withLockIfAvailable { value throws(Failure) in
            _ = edge.load(ordering: .acquiring)
            defer { edge.store(1, ordering: .releasing) }
            return try body(&value)
        }
        #else
        return try mutex.withLockIfAvailable(body)
        #endif
    }
}
