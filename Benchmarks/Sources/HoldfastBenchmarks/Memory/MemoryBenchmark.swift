/// The bytes that a policy takes, and what it keeps for each key and each caller that waits.
enum MemoryBenchmark {
    /// - Parameter options: which cases.
    static func run(_ options: Options) async throws {
        guard Allocations.areCounted else { return Console.say("\nMemory: cannot be counted here; it can with glibc\n") }
        var table = Table(["what", "bytes each", "allocations each", "of how many"], leftAligned: 1)
        for item in try MemoryCases.all() where options.wants(item.name) {
            guard let counts = try await item.measure(item.count)?.each(of: item.count) else { continue }
            table.add([item.name, counts.bytes.text(), counts.calls.text(1), Double(item.count).text()])
        }
        Console.say("\nMemory: bytes on the heap, with what the allocator adds to each block\n")
        Console.say(table.text)
    }
}
