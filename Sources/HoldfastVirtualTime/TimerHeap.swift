import Holdfast

/// What is to happen when, earliest first; of two at one time, the one set first.
///
/// A binary heap whose entries know their places, so that a cancelled timer leaves at once, in O(log n): code under timeouts
/// sets a timer per call and cancels nearly all of them.
struct TimerHeap<Action> {
    /// Names a timer until it fires or is cancelled; afterwards it names nothing.
    struct Token: Hashable, Sendable {
        fileprivate let slot: Int
        fileprivate let order: UInt64
    }

    private struct Entry {
        let deadline: Instant
        let order: UInt64
        let slot: Int

        static func < (a: Entry, b: Entry) -> Bool {
            a.deadline == b.deadline ? a.order < b.order : a.deadline < b.deadline
        }
    }

    /// The action apart from the heap, so that sifting moves plain words.
    private struct Slot {
        var order: UInt64
        var position: Int
        var action: Action?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var nextOrder: UInt64 = 0

    /// How many timers are set.
    var count: Int { heap.count }

    /// When the first is due; nil when none is set.
    var earliest: Instant? { heap.first?.deadline }

    /// Sets a timer.
    mutating func insert(_ deadline: Instant, _ action: Action) -> Token {
        nextOrder += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = Slot(order: nextOrder, position: heap.count, action: action)
        } else {
            slot = slots.count
            slots.append(Slot(order: nextOrder, position: heap.count, action: action))
        }
        heap.append(Entry(deadline: deadline, order: nextOrder, slot: slot))
        siftUp(heap.count - 1)
        return Token(slot: slot, order: nextOrder)
    }

    /// Takes a timer out; false if it has fired or was cancelled before.
    mutating func cancel(_ token: Token) -> Bool {
        guard slots[token.slot].order == token.order, slots[token.slot].action != nil else { return false }
        _ = remove(at: slots[token.slot].position)
        return true
    }

    /// Takes the first timer out.
    mutating func popEarliest() -> (deadline: Instant, action: Action)? {
        heap.isEmpty ? nil : remove(at: 0)
    }

    private mutating func remove(at position: Int) -> (deadline: Instant, action: Action)? {
        let entry = heap[position]
        guard let action = slots[entry.slot].action.take() else { return nil }
        free.append(entry.slot)
        let last = heap.removeLast()
        if position < heap.count {
            place(last, position)
            siftUp(position)
            siftDown(slots[last.slot].position)
        }
        return (entry.deadline, action)
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        let entry = heap[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry < heap[parent] else { break }
            place(heap[parent], position)
            position = parent
        }
        place(entry, position)
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        let entry = heap[position]
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < entry else { break }
            place(heap[child], position)
            position = child
        }
        place(entry, position)
    }

    private mutating func place(_ entry: Entry, _ position: Int) {
        heap[position] = entry
        slots[entry.slot].position = position
    }
}
