import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A small number for the current thread, so that threads that share an instance can write to different cache lines of it.
enum ThreadIndex {
    private static let count = Atomic(0)
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// From 1 in the order in which threads first ask; the same thread always gets the same.
    static var current: Int {
        let key = key
        let index = Int(bitPattern: pthread_getspecific(key))
        guard index == 0 else { return index }
        let assigned = count.wrappingAdd(1, ordering: .relaxed).newValue
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: assigned))
        return assigned
    }
}
