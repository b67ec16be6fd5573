import AllocationCounter

/// Counts what is asked of the allocator, by all threads of the program.
enum Allocations {
    /// What one measurement found.
    struct Counts: Sendable {
        /// How often memory was asked for.
        var calls = 0.0
        /// The bytes taken and not given back, with what the allocator adds to each block.
        var bytes = 0.0
        /// The bytes taken, whether or not they were given back.
        var allocated = 0.0

        init(calls: Double = 0, bytes: Double = 0, allocated: Double = 0) {
            self.calls = calls
            self.bytes = bytes
            self.allocated = allocated
        }

        fileprivate init(_ counts: allocation_counts) {
            self.init(calls: Double(counts.calls), bytes: Double(counts.bytes), allocated: Double(counts.allocated))
        }

        /// The share of one of so many.
        func each(of count: Int) -> Counts {
            let count = Double(count)
            return Counts(calls: calls / count, bytes: bytes / count, allocated: allocated / count)
        }
    }

    private final class Sample {}

    /// Whether the counter sees what Swift allocates; tried, since it depends on the system and on how the program was linked.
    static let areCounted: Bool = {
        allocation_counter_start()
        let sample = makeSample()
        let counts = withExtendedLifetime(sample) { allocation_counter_stop() }
        return counts.calls > 0
    }()

    /// Not inlined, or the object would live on the stack.
    @inline(never)
    private static func makeSample() -> AnyObject { Sample() }

    /// Counts from now on.
    static func start() {
        allocation_counter_start()
    }

    /// What was asked for since the start.
    static func stop() -> Counts {
        Counts(allocation_counter_stop())
    }

    /// What `body` asks for; nil where that cannot be counted.
    static func count(_ body: () async throws -> Void) async rethrows -> Counts? {
        guard areCounted else {
            try await body()
            return nil
        }
        start()
        do {
            try await body()
        } catch {
            _ = stop()
            throw error
        }
        return stop()
    }
}
