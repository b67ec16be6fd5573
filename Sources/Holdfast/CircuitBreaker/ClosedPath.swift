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
        /// The latest time seen here.
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
    /// The latest time seen under the lock.
    private let latest = Atomic(Int64.min)
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
        let index = ThreadIndex.current & 3
        let mark = slowAfter == .max ? Instant.distantFuture : now(&attempt, index).advanced(byNanoseconds: slowAfter)
        stripes[index].admitted.wrappingAdd(1, ordering: .relaxed)
        // Below zero, where no probe's slot and no running call's number is.
        return Ticket(generation: generation, slot: ~index, mark: mark)
    }

    /// Counts a success; false if the lock is needed for it.
    func recordSuccess(_ ticket: Ticket, _ attempt: inout Attempt) -> Bool {
        // A ticket that the lock was needed for needs it again: a call that is followed while it runs must be told to have ended.
        guard ticket.slot < 0 else { return false }
        let index = ~ticket.slot & 3
        var word = stripes[index].successes.load(ordering: .acquiring)
        let expected = ticket.generation << 32 | Self.countsSuccesses
        guard word & ~Self.countMask == expected else { return false }
        let end = countsUntil.load(ordering: .relaxed)
        if end < .max || ticket.mark < .distantFuture {
            let now = now(&attempt, index)
            guard now.nanoseconds < end, now <= ticket.mark else { return false }
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
        let index = ThreadIndex.current & 3
        let now = now(&attempt, index).nanoseconds
        guard now < end else { return nil }
        stripes[index].rejected.wrappingAdd(1, ordering: .relaxed)
        return .nanoseconds(end.subtractingSaturating(now))
    }

    /// The time, never earlier than one seen by this thread or under the lock (S21).
    private func now(_ attempt: inout Attempt, _ index: Int) -> Instant {
        let reading = attempt.now().nanoseconds
        let latest = max(latest.load(ordering: .relaxed), stripes[index].latest.load(ordering: .relaxed))
        guard reading > latest else { return Instant(nanoseconds: latest) }
        // Another thread of the stripe may put an earlier time in its place: it is merely forgotten a little.
        stripes[index].latest.store(reading, ordering: .relaxed)
        return Instant(nanoseconds: reading)
    }

    // MARK: Under the lock

    /// Takes the successes counted so far, and the latest time that was read beside the lock; none can be counted until the next ``publish(_:)``.
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
        latest.store(rules.latest.nanoseconds, ordering: .relaxed)
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
        /// The latest time seen.
        var latest: Instant
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
