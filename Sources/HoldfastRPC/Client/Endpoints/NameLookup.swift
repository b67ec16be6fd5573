import Holdfast

/// When a name may be looked up again.
struct NameLookup {
    /// Not more often than this while lookups succeed, as gRPC's clients have it.
    private static let minimumInterval = Duration.seconds(30)

    private(set) var isRunning = false
    private var failures = 0
    private var notBefore = Instant(nanoseconds: .min)

    /// - Returns: whether a lookup is to be made now.
    mutating func begin(now: Instant) -> Bool {
        guard !isRunning, now >= notBefore else { return false }
        isRunning = true
        notBefore = now.advanced(by: Self.minimumInterval)
        return true
    }

    mutating func succeeded() {
        isRunning = false
        failures = 0
    }

    /// - Returns: how many nanoseconds to wait before the next.
    mutating func failed(_ backoff: ConnectionBackoff, now: Instant, random: Double) -> Int64 {
        isRunning = false
        failures += 1
        let pause = backoff.pause(failures: failures, random: random)
        notBefore = now.advanced(by: pause)
        return pause.nanoseconds
    }
}
