import Synchronization

/// Two counts over the last so long, in buckets, that many tasks add to: calls and retries, requests accepted and refused.
///
/// Adding is one atomic load and one atomic addition; once per bucket somebody takes a lock and begins the next one.
///
/// Why that is exact: the counts of the newest bucket are atomic, and a rotation takes them out by an exchange, so every addition is
/// in exactly one bucket. One that read the clock before a rotation and adds after it counts in the newer bucket, as
/// if its clock reading had been the rotation's: time never runs backwards (S21). The next bucket's end is published after the exchange,
/// so no addition of the new bucket is taken for one of the old.
package struct RollingCounter: ~Copyable, Sendable {
    /// What was counted.
    package struct Sums: Hashable, Sendable {
        package var first = 0
        package var second = 0

        static func += (lhs: inout Sums, rhs: Sums) {
            lhs.first &+= rhs.first
            lhs.second &+= rhs.second
        }

        static func -= (lhs: inout Sums, rhs: Sums) {
            lhs.first &-= rhs.first
            lhs.second &-= rhs.second
        }
    }

    private let headEnd: Atomic<Int64>
    private let headFirst = Atomic(0)
    private let headSecond = Atomic(0)
    /// Odd while a rotation is under way: what was read meanwhile may be torn.
    private let rotation = Atomic<UInt>(0)
    private let pastFirst = Atomic(0)
    private let pastSecond = Atomic(0)
    private let buckets: Locked<RollingBuckets>

    /// Makes a counter that stands at zero.
    /// - Parameters:
    ///   - window: how far back the sums reach, above zero; the newest bucket is counted from its beginning.
    ///   - buckets: at least 1.
    package init(window: Duration, buckets: Int = 10, now: Instant) {
        let shape = RollingBuckets(window: window, buckets: buckets, now: now)
        headEnd = Atomic(shape.headEnd)
        self.buckets = Locked(shape)
    }

    /// Counts one for the first sum.
    package func addFirst(_ now: Instant) {
        if now.nanoseconds >= headEnd.load(ordering: .acquiring) { rotate(now) }
        headFirst.wrappingAdd(1, ordering: .relaxed)
    }

    /// Counts one for the second sum.
    package func addSecond(_ now: Instant) {
        if now.nanoseconds >= headEnd.load(ordering: .acquiring) { rotate(now) }
        headSecond.wrappingAdd(1, ordering: .relaxed)
    }

    /// Both sums, without a lock unless a bucket has just ended.
    ///
    /// While no rotation comes between, the older buckets stand still and each sum is the true one at the moment its newest bucket is
    /// read. The two moments differ: what is added to both sums in between may show in the second only.
    package func sums(_ now: Instant) -> Sums {
        let before = rotation.load(ordering: .acquiring)
        if before & 1 == 0, now.nanoseconds < headEnd.load(ordering: .acquiring) {
            // The rotation's stores release and these loads acquire: who sees one of them sees the odd number below as well.
            let first = pastFirst.load(ordering: .acquiring) &+ headFirst.load(ordering: .acquiring)
            let second = pastSecond.load(ordering: .acquiring) &+ headSecond.load(ordering: .acquiring)
            if rotation.load(ordering: .relaxed) == before { return Sums(first: first, second: second) }
        }
        return buckets.withLock { buckets in
            rotate(&buckets, now)
            return lockedSums(buckets)
        }
    }

    /// Counts one for the second sum if `isAllowed` says so of the sums before it.
    ///
    /// Check and count are one step for all who count the second sum this way. The first can only grow in between.
    package func addSecond(_ now: Instant, if isAllowed: (Sums) -> Bool) -> Bool {
        buckets.withLock { buckets in
            rotate(&buckets, now)
            guard isAllowed(lockedSums(buckets)) else { return false }
            headSecond.wrappingAdd(1, ordering: .relaxed)
            return true
        }
    }

    /// Forgets what was counted and takes on another shape.
    package func reshape(window: Duration, buckets count: Int = 10, now: Instant) {
        buckets.withLock { buckets in
            replace(&buckets) { shape, _ in shape = RollingBuckets(window: window, buckets: count, now: now) }
        }
    }

    private func rotate(_ now: Instant) {
        buckets.withLock { rotate(&$0, now) }
    }

    private func rotate(_ buckets: inout RollingBuckets, _ now: Instant) {
        guard buckets.mustRotate(now) else { return }
        replace(&buckets) { $0.rotate(now, counted: $1) }
    }

    /// Takes the newest bucket's counts out and publishes what `change` makes of them.
    private func replace(_ buckets: inout RollingBuckets, _ change: (inout RollingBuckets, Sums) -> Void) {
        rotation.store(rotation.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        let counted = Sums(
            first: headFirst.exchange(0, ordering: .acquiringAndReleasing),
            second: headSecond.exchange(0, ordering: .acquiringAndReleasing))
        change(&buckets, counted)
        pastFirst.store(buckets.past.first, ordering: .releasing)
        pastSecond.store(buckets.past.second, ordering: .releasing)
        headEnd.store(buckets.headEnd, ordering: .releasing)
        rotation.store(rotation.load(ordering: .relaxed) &+ 1, ordering: .releasing)
    }

    private func lockedSums(_ buckets: RollingBuckets) -> Sums {
        var sums = buckets.past
        sums += Sums(first: headFirst.load(ordering: .relaxed), second: headSecond.load(ordering: .relaxed))
        return sums
    }
}
