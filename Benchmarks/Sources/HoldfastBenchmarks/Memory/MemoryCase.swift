/// Something whose memory is measured.
struct MemoryCase: Sendable {
    let name: String
    /// How many of it are made, so that what is shared between them weighs nothing.
    let count: Int
    /// Makes so many and gives what all of them together took; nil where that cannot be counted.
    let measure: @Sendable (_ count: Int) async throws -> Allocations.Counts?

    init(_ name: String, count: Int, _ measure: @escaping @Sendable (_ count: Int) async throws -> Allocations.Counts?) {
        self.name = name
        self.count = count
        self.measure = measure
    }

    /// Objects, each made by `make`.
    static func objects(
        _ name: String, count: Int = 2000, _ make: @escaping @Sendable () throws -> any AnyObject & Sendable
    ) -> MemoryCase {
        MemoryCase(name, count: count) { count in
            var objects: [any AnyObject & Sendable] = []
            objects.reserveCapacity(count + 1)
            // The first also makes what all of them share.
            objects.append(try make())
            return try await Allocations.count {
                for _ in 0..<count { objects.append(try make()) }
            }
        }
    }
}
