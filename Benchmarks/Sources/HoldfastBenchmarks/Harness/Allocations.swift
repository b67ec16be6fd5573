import AllocationCounter

/// Counts what is asked of the allocator, by all threads of the program.
enum Allocations {
    /// What one measurement found.
    struct Counts: Sendable {
        /// How often memory was asked for.
        var calls = 0.0
        /// The bytes taken and not given back, with what the allocator adds to each block.
        var bytes = 0.0

        /// The share of one of so many.
        func each(of count: Int) -> Counts {
            Counts(calls: calls / Double(count), bytes: bytes / Double(count))
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

    /// What `body` asks for; nil where that cannot be counted.
    static func count(_ body: () async throws -> Void) async rethrows -> Counts? {
        guard areCounted else {
            try await body()
            return nil
        }
        allocation_counter_start()
        do {
            try await body()
        } catch {
            _ = allocation_counter_stop()
            throw error
        }
        let counts = allocation_counter_stop()
        return Counts(calls: Double(counts.calls), bytes: Double(counts.bytes))
    }
}
