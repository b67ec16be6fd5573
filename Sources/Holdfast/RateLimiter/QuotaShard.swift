/// The keys that share a lock. A limiter that tells no keys apart is one shard with one key.
final class QuotaShard: Sendable {
    struct State {
        var rules: QuotaRules
        var table = KeyTable()
        /// Who waits, by the ids in the queues.
        var waiting: [Int: OneShot] = [:]
        /// By slot, when somebody waits in it.
        var timers: [Int: (handle: TimerHandle, at: Instant)] = [:]
        /// What the lock-free path last went by.
        var frame: QuotaCell.Frame?
        private var lastID = 0

        init(_ rules: QuotaRules) {
            self.rules = rules
        }

        mutating func nextID() -> Int {
            lastID += 1
            return lastID
        }
    }

    let state: Locked<State>

    init(_ rules: QuotaRules) {
        state = Locked(State(rules))
    }
}
