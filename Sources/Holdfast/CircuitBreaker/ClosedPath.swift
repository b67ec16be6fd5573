import Synchronization

/// What a circuit breaker does without its lock: lets calls through while it is closed, counts successes that can change nothing,
/// and refuses calls while it is open.
///
/// A success of a closed breaker whose rates are below their thresholds can only lower them, so nothing is decided by it and its place
/// among other such successes does not matter. It is counted in a word of its thread's stripe, which whoever needs the counts next,
/// under the lock, collects first. The word also holds the generation, and is taken away before anything else is decided: a success is
/// counted by the compare-and-exchange or not at all, and that instant is when it was recorded. A success whose clock reading is older
/// than that belongs to the later time, as everywhere (S21).
///
/// The stripes are as far apart as cache lines are long, so that threads do not take the line from one another: a hot breaker costs as
/// much with many threads as with one, until something fails.
struct ClosedPath: ~Copyable, Sendable {
    private struct Stripe: ~Copyable, Sendable {
        /// Generation (upper half), whether successes may be counted here, and how many were.
        let successes = Atomic<UInt64>(0)
        let admitted = Atomic(0)
        let rejected = Atomic(0)
        /// The latest clock reading of a counted success.
        let latest = Atomic(Int64.min)
        private let padding = InlineArray<4, Int>(repeating: 0)
    }

    private static let countsSuccesses: UInt64 = 1 << 31
    private static let countMask: UInt64 = countsSuccesses - 1

    /// The generation whose tickets may be given without asking; 0 for none.
    private let openHanded = Atomic<UInt64>(0)
    /// How long after its admission a call is slow; the largest value if no call is.
    private let slowAfter = Atomic(Int64.max)
    /// Successes may be counted until then: the end of the bucket that is being filled.
    private let countsUntil = Atomic(Int64.max)
    /// Calls are refused until then.
    private let refusesUntil = Atomic(Int64.min)
    private let stripes: InlineArray<4, Stripe>

    init() {
        stripes = InlineArray { _ in Stripe() }
    }

    // MARK: The call path

    /// A ticket if the breaker is closed and nothing but the outcome of the call can matter.
    func admit(_ attempt: inout Attempt) -> Ticket? {
        let generation = openHanded.load(ordering: .acquiring)
        guard generation != 0 else { return nil }
        let slowAfter = slowAfter.load(ordering: .relaxed)
        let mark = slowAfter == .max ? Instant.distantFuture : attempt.now().advanced(byNanoseconds: slowAfter)
        let index = ThreadIndex.current & 3
        stripes[index].admitted.wrappingAdd(1, ordering: .relaxed)
        // Below zero, where no probe's slot and no running call's number is.
        return Ticket(generation: generation, slot: ~index, mark: mark)
    }

    /// Counts a success; false if the lock is needed for it.
    func recordSuccess(_ ticket: Ticket, _ attempt: inout Attempt) -> Bool {
        guard ticket.slot < 0 else { return false }
        let index = ~ticket.slot & 3
        var word = stripes[index].successes.load(ordering: .acquiring)
        let expected = ticket.generation << 32 | Self.countsSuccesses
        guard word & ~Self.countMask == expected else { return false }
        let end = countsUntil.load(ordering: .relaxed)
        if end < .max || ticket.mark < .distantFuture {
            let now = attempt.now()
            guard now.nanoseconds < end, now <= ticket.mark else { return false }
            if now.nanoseconds > stripes[index].latest.load(ordering: .relaxed) {
                stripes[index].latest.store(now.nanoseconds, ordering: .relaxed)
            }
        }
        while word & ~Self.countMask == expected, word & Self.countMask < Self.countMask {
            let (isDone, found) = stripes[index].successes.weakCompareExchange(
                expected: word, desired: word + 1, ordering: .acquiringAndReleasing)
            if isDone { return true }
            word = found
        }
        return false
    }

    /// How much longer calls are refused; nil if that is not certain without the lock.
    func refuses(_ attempt: inout Attempt) -> Duration? {
        let end = refusesUntil.load(ordering: .acquiring)
        guard end > .min else { return nil }
        let now = attempt.now().nanoseconds
        guard now < end else { return nil }
        stripes[ThreadIndex.current & 3].rejected.wrappingAdd(1, ordering: .relaxed)
        return .nanoseconds(end - now)
    }

    // MARK: Under the lock

    /// Takes the successes counted so far, and the latest time that was read for one; none can be counted until the next ``publish(_:)``.
    func collect() -> (successes: Int, latest: Instant) {
        var count: UInt64 = 0
        var latest = Int64.min
        for index in stripes.indices {
            count += stripes[index].successes.exchange(0, ordering: .acquiringAndReleasing) & Self.countMask
            latest = max(latest, stripes[index].latest.load(ordering: .relaxed))
        }
        return (Int(count), Instant(nanoseconds: latest))
    }

    /// Says what needs no lock from now on.
    func publish(_ rules: Rules) {
        slowAfter.store(rules.slowAfter, ordering: .relaxed)
        countsUntil.store(rules.countsUntil.nanoseconds, ordering: .relaxed)
        refusesUntil.store(rules.refusesUntil?.nanoseconds ?? .min, ordering: .releasing)
        openHanded.store(rules.admits ? rules.generation : 0, ordering: .releasing)
        guard rules.countsSuccesses else { return }
        let word = rules.generation << 32 | Self.countsSuccesses
        for index in stripes.indices { stripes[index].successes.store(word, ordering: .releasing) }
    }

    /// How many attempts were admitted and refused in all.
    var counts: (admitted: Int, rejected: Int) {
        var counts = (admitted: 0, rejected: 0)
        for index in stripes.indices {
            counts.admitted += stripes[index].admitted.load(ordering: .relaxed)
            counts.rejected += stripes[index].rejected.load(ordering: .relaxed)
        }
        return counts
    }

    /// What a breaker's state leaves to be done without the lock.
    struct Rules {
        var generation: UInt64
        /// Calls are let through without asking.
        var admits = false
        /// Successes are counted without asking, until then.
        var countsSuccesses = false
        var countsUntil = Instant.distantFuture
        /// How long after its admission a call is slow; the largest value if no call is.
        var slowAfter = Int64.max
        /// Calls are refused without asking until then.
        var refusesUntil: Instant?
    }
}
