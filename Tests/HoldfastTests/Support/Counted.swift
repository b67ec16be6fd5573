@testable import Holdfast

/// A number that many tasks add to, in a reference.
final class Counted: Sendable {
    private let counter = Counter()

    var value: Int { counter.value }

    func add(_ amount: Int) { counter.add(amount) }
}
