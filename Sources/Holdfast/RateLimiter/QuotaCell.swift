import Synchronization

/// A quota that tasks take permits from without a lock, as long as nobody waits and nothing but its level changes.
///
/// All that changes from call to call is one word: the *offset*, inflow since the frame's anchor plus the debt of a
/// ``TokenBucket``, or the permits used of a fixed window (a bucket without inflow, until its end). All else, the ``Frame``,
/// changes only under the limiter's lock, while the word says ``owned``.
///
/// Why this is exact. A taker reads version, word, frame and version again, in that order, and then compares and swaps the word.
/// - A frame is written after the word was set to `owned` and the version raised, and before the word is published. A taker
///   that saw the published word sees the new frame; one that saw the word from before and something of the new frame finds the
///   version changed, and goes to the lock. So a decision is always made from a word and the frame it belongs to.
/// - The swap succeeds only if the word is still the one decided on, so between reading and swapping nobody took a permit. The
///   call takes effect at the swap; a refusal, which changes nothing, at the reading of the word. Every word is salted with the
///   version, so one from an earlier frame cannot be mistaken for one of this: that would take two frames whose offsets differ
///   by exactly the salt, one chance in 2^62 for a thread that sleeps through a change of frame between two instructions.
/// - Within a frame the offset only grows, and the horizon comes before it could exceed 2^61; nothing wraps around.
struct QuotaCell: ~Copyable, Sendable {
    /// What the word is read by.
    struct Frame: Equatable {
        let terms: TokenBucket.Terms
        /// Where the offset counts from; an earlier reading of the clock is read as this.
        let anchor: Int64
        /// From then on only the lock may decide: the window is over, or the offset would grow too large.
        let horizon: Int64

        /// The offset that stands for a bucket.
        func offset(of bucket: TokenBucket) -> Int64 {
            (bucket.updated - anchor) * terms.inflow + bucket.debt
        }

        /// The outcome of taking permits when the word holds `offset`: the offset after that, or how long to wait.
        func take(_ permits: Int, offset: Int64, now: Int64) -> Taking {
            // The offset is the debt as of the anchor; what has flowed in since is taken off.
            var bucket = TokenBucket(debt: offset, updated: anchor)
            bucket.flow(until: now, terms)
            guard let wait = bucket.wait(for: permits, terms) else { return .short(nil) }
            guard wait == 0 else { return .short(terms.inflow > 0 ? bucket.updated - now + wait : horizon - now) }
            bucket.take(permits, terms)
            return .taken(offset: self.offset(of: bucket))
        }
    }

    /// What came of trying to take permits.
    enum Taking: Equatable {
        case taken(offset: Int64)
        /// Not enough; they come after so many nanoseconds, or never.
        case short(Int64?)
        /// The lock must decide.
        case undecided
    }

    private static let owned: UInt64 = 1 << 63

    private let word = Atomic<UInt64>(owned)
    private let version = Atomic<UInt64>(0)
    private let anchor = Atomic<Int64>(0)
    private let horizon = Atomic<Int64>(0)
    private let inflow = Atomic<Int64>(0)
    private let unit = Atomic<Int64>(0)
    private let capacity = Atomic<Int64>(0)
    private let isPaced = Atomic<Bool>(false)

    init() {}

    /// Takes permits if they are there and no lock is needed.
    ///
    /// The attempt's reading of the clock may be older than the word: whoever took permits in between read it later. What has flowed in
    /// since would be missing, so nobody is refused by a reading from before the word was there: the clock is read once more.
    func take(_ permits: Int, _ attempt: inout Attempt) -> Taking {
        var refusedBy: UInt64?
        while true {
            let now = attempt.now().nanoseconds
            let version = self.version.load(ordering: .acquiring)
            let word = self.word.load(ordering: .acquiring)
            guard word & Self.owned == 0 else { return .undecided }
            let frame = frame
            guard self.version.load(ordering: .relaxed) == version, now < frame.horizon else { return .undecided }
            let taking = frame.take(permits, offset: Self.unsalted(word, version), now: max(now, frame.anchor))
            guard case .taken(let offset) = taking else {
                guard word != refusedBy else { return taking }
                refusedBy = word
                attempt.passTime()
                continue
            }
            let (taken, _) = self.word.compareExchange(
                expected: word, desired: Self.salted(offset, version), ordering: .acquiringAndReleasing)
            if taken { return taking }
        }
    }

    // MARK: Under the limiter's lock

    /// Takes the permits back from the lock-free path; nil if they were not there.
    func withdraw() -> (Frame, offset: Int64)? {
        let word = self.word.exchange(Self.owned, ordering: .acquiringAndReleasing)
        guard word & Self.owned == 0 else { return nil }
        return (frame, Self.unsalted(word, self.version.load(ordering: .relaxed)))
    }

    /// Lets the lock-free path have the permits.
    func publish(_ new: Frame, offset: Int64) {
        var version = self.version.load(ordering: .relaxed)
        if frame != new {
            version &+= 1
            self.version.store(version, ordering: .releasing)
            anchor.store(new.anchor, ordering: .releasing)
            horizon.store(new.horizon, ordering: .releasing)
            inflow.store(new.terms.inflow, ordering: .releasing)
            unit.store(new.terms.unit, ordering: .releasing)
            capacity.store(new.terms.capacity, ordering: .releasing)
            isPaced.store(new.terms.isPaced, ordering: .releasing)
        }
        word.store(Self.salted(offset, version), ordering: .releasing)
    }

    /// Acquiring, so that the version is not read again before all of it is.
    private var frame: Frame {
        Frame(
            terms: TokenBucket.Terms(
                inflow: inflow.load(ordering: .acquiring), unit: unit.load(ordering: .acquiring),
                capacity: capacity.load(ordering: .acquiring), isPaced: isPaced.load(ordering: .acquiring)),
            anchor: anchor.load(ordering: .acquiring), horizon: horizon.load(ordering: .acquiring))
    }

    private static func salted(_ offset: Int64, _ version: UInt64) -> UInt64 {
        (UInt64(bitPattern: offset) &+ version &* 0x9E37_79B9_7F4A_7C15) & ~owned
    }

    private static func unsalted(_ word: UInt64, _ version: UInt64) -> Int64 {
        Int64(bitPattern: (word &- version &* 0x9E37_79B9_7F4A_7C15) & ~owned)
    }
}
