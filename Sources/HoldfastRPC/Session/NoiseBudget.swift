import Holdfast

/// How many frames that bring no call forward a peer may send.
///
/// Each is cheap to send and must be dealt with: answered (SETTINGS, PING), applied to every stream (SETTINGS), ordered among the
/// streams (PRIORITY), or answered with a reset, since the peer broke a rule ("MadeYouReset", CVE-2025-8671). The floods of
/// CVE-2019-9511 to 9518 are made of them. A bucket of tokens, refilled over time; a frame that does carry something,
/// in either direction, gives one back, so that a busy connection may say as much on the side as it does work.
struct NoiseBudget {
    private let burst: Int
    private let perSecond: Int
    private var left: Int
    private var refilledAt: Instant

    init(burst: Int, perSecond: Int, now: Instant) {
        self.burst = burst
        self.perSecond = perSecond
        left = burst
        refilledAt = now
    }

    /// Whether the tokens are used up. Then, and only then, time has to be looked at: ``refill(now:)``.
    var isOverdrawn: Bool { left < 0 }

    /// A frame that carries nothing, or several.
    mutating func spend(_ count: Int = 1) {
        left -= count
    }

    /// A frame that carries something.
    mutating func earn() {
        if left < burst { left += 1 }
    }

    /// Adds what the time since the last refill is worth.
    mutating func refill(now: Instant) {
        let elapsed = max(refilledAt.duration(to: now).nanoseconds, 0)
        // An hour fills any bucket, and its product with the rate does not overflow.
        let worth = min(elapsed, 3_600_000_000_000) / 1_000_000 * Int64(clamping: perSecond) / 1_000
        guard worth > 0 else { return }
        left = min(burst, left + Int(worth))
        refilledAt = now
    }
}
