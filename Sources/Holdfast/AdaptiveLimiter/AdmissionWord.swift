/// All that an admission must know, in 64 bits that change together: how many attempts run, how many may, which epoch it is, and
/// whether somebody waits.
///
/// In one word, every change of it is one compare-and-swap, so that all admissions, releases and new limits happen in one order
/// that every thread sees. An attempt is let in exactly when, at its place in that order, fewer run than may and nobody waits.
struct AdmissionWord: Hashable, Sendable {
    var rawValue: UInt64

    private static var field: UInt64 { 1 << 24 - 1 }
    private static var epochField: UInt64 { 1 << 15 - 1 }

    /// What one attempt in flight adds.
    static var one: UInt64 { 1 }
    /// The bit of ``hasWaiters``.
    static var waiters: UInt64 { 1 << 63 }

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(limit: Int) {
        rawValue = UInt64(limit) << 24
    }

    /// How many attempts run; more than the limit after it has shrunk.
    var inFlight: Int { Int(rawValue & Self.field) }

    /// How many attempts may run.
    var limit: Int {
        get { Int(rawValue >> 24 & Self.field) }
        set { rawValue = rawValue & ~(Self.field << 24) | UInt64(newValue) << 24 }
    }

    /// Counts the configurations and resets; after 32,768 of them it starts over.
    var epoch: UInt64 {
        get { rawValue >> 48 & Self.epochField }
        set { rawValue = rawValue & ~(Self.epochField << 48) | (newValue & Self.epochField) << 48 }
    }

    /// Whether somebody waits in the queue: newcomers go behind, and who leaves must serve them.
    var hasWaiters: Bool { rawValue & Self.waiters != 0 }

    /// Whether one more may run.
    var hasRoom: Bool { inFlight < limit }
}
