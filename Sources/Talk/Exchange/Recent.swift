import DequeModule

/// What is known of ids that came lately, to tell what comes again. The oldest are forgotten when there are too many: whoever repeats
/// does so soon, and memory must not grow for those who never do.
struct Recent<Value> {
    private let capacity: Int
    private var known: [String: Value] = [:]
    private var order: Deque<String> = []

    /// - Parameter capacity: how many are remembered, at least 1.
    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    /// What is known of an id; nil for one that has not come, or that is forgotten.
    subscript(id: String) -> Value? { known[id] }

    /// Remembers a value for an id, in place of the one before.
    mutating func remember(_ value: Value, for id: String) {
        guard known.updateValue(value, forKey: id) == nil else { return }
        order.append(id)
        if order.count > capacity, let oldest = order.popFirst() { known[oldest] = nil }
    }
}
