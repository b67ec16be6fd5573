/// All that a bulkhead must know to let a call in or out, in one word, so that both are one atomic operation.
///
/// From the lowest bit: how many calls run (20 bits), whether calls wait (1), how many may run (20), how many were admitted
/// since that was last written down (22), and whether it is time to write it down (1, which the count overflows into).
///
/// Why this is exact. A call gets in by a compare-and-swap from a word in which nobody waits and fewer run than may: limit,
/// queue and count are judged together, so no change of one can come between reading another and acting on it. A call gets out
/// by one subtraction, which also tells whether somebody waits. That bit is set by a compare-and-swap from a word with no room,
/// under the lock of the queue, before the waiter is in it: a call that gets out later sees the bit, and looks into the queue
/// under that lock. So no waiter is forgotten.
struct BulkheadWord: Equatable {
    /// The largest limit.
    static let maximum = 1_000_000

    private static let field: UInt64 = 1 << 20 - 1
    private static let waitingBit: UInt64 = 1 << 20
    private static let limitShift: UInt64 = 21
    private static let oneAdmitted: UInt64 = 1 << 41
    private static let overflowBit: UInt64 = 1 << 63
    /// What is added when a call gets out.
    static let oneLeaving: UInt64 = 1

    private(set) var rawValue: UInt64

    init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Nobody runs, nobody waits.
    init(limit: Int) {
        rawValue = UInt64(limit) << Self.limitShift
    }

    /// How many calls run.
    var running: Int { Int(rawValue & Self.field) }

    /// How many may run; fewer than do, after it was lowered.
    var limit: Int { Int(rawValue >> Self.limitShift & Self.field) }

    /// Whether calls wait.
    var isWaitedFor: Bool { rawValue & Self.waitingBit != 0 }

    /// Whether one more call may run.
    var hasRoom: Bool { rawValue & Self.field < rawValue >> Self.limitShift & Self.field }

    /// How many were admitted since that was last written down.
    var admitted: Int { Int(rawValue >> 41) }

    /// Whether only the lock may decide.
    var needsLock: Bool { rawValue & (Self.waitingBit | Self.overflowBit) != 0 }

    /// With one more call running.
    var entered: BulkheadWord { BulkheadWord(rawValue + Self.oneAdmitted + 1) }

    /// With the count of admissions written down.
    var folded: BulkheadWord { BulkheadWord(rawValue & (Self.oneAdmitted - 1)) }

    func waitedFor(_ isWaitedFor: Bool) -> BulkheadWord {
        BulkheadWord(isWaitedFor ? rawValue | Self.waitingBit : rawValue & ~Self.waitingBit)
    }

    func limited(to limit: Int) -> BulkheadWord {
        BulkheadWord(rawValue & ~(Self.field << Self.limitShift) | UInt64(limit) << Self.limitShift)
    }
}
