import Synchronization

/// A number that many tasks add to and somebody reads now and then.
package struct Counter: ~Copyable, Sendable {
    private let number = Atomic(0)

    package init() {}

    /// How much was added so far.
    package var value: Int { number.load(ordering: .relaxed) }

    package func add(_ amount: Int = 1) {
        number.wrappingAdd(amount, ordering: .relaxed)
    }
}
