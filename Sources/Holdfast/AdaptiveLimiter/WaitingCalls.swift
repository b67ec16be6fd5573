import DequeModule

/// Calls that wait for a permit, first in, first out; one that goes away costs constant time.
struct WaitingCalls<Payload> {
    private var order: Deque<Int> = []
    private var payloads: [Int: Payload] = [:]
    private var lastID = 0

    /// How many wait.
    var count: Int { payloads.count }
    var isEmpty: Bool { payloads.isEmpty }

    /// Goes behind all others; gives the number to leave by.
    mutating func join(_ payload: Payload) -> Int {
        lastID += 1
        order.append(lastID)
        payloads[lastID] = payload
        return lastID
    }

    /// Takes the first out; nil when nobody waits.
    mutating func popFirst() -> Payload? {
        while let id = order.popFirst() {
            if let payload = payloads.removeValue(forKey: id) { return payload }
        }
        return nil
    }

    /// Takes one out wherever it stands; nil when it has left already.
    mutating func leave(_ id: Int) -> Payload? {
        guard let payload = payloads.removeValue(forKey: id) else { return nil }
        // Its number stays in line until its turn comes, unless such numbers become the most of the line.
        if order.count > 2 * payloads.count + 16 { order.removeAll { payloads[$0] == nil } }
        return payload
    }
}
