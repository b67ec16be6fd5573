import DequeModule

/// Values of streams, the latest so many: a peer that opens streams without end does not grow it.
struct RecentStreams<Value> {
    private var values: [UInt32: Value] = [:]
    private var order: Deque<UInt32> = []
    private let limit = 4_096

    subscript(stream: UInt32) -> Value? {
        get { values[stream] }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: stream) == nil {
                    order.append(stream)
                    if order.count > limit, let oldest = order.popFirst() { values[oldest] = nil }
                }
            } else if values.removeValue(forKey: stream) != nil, let index = order.firstIndex(of: stream) {
                order.remove(at: index)
            }
        }
    }

    var isEmpty: Bool { values.isEmpty }
}
