import HoldfastRPC

/// Which attempt of which call of which load an attempt is, as its metadata says: what its draws are keyed by.
struct CallKey: Hashable, Sendable {
    let load: String
    let index: Int
    /// From 1.
    let attempt: Int

    init(load: String, index: Int, attempt: Int) {
        self.load = load
        self.index = index
        self.attempt = attempt
    }

    init(_ metadata: Metadata) {
        load = metadata[ChaosMetadata.load] ?? ""
        index = metadata[ChaosMetadata.call].flatMap { Int($0) } ?? 0
        attempt = (metadata[ChaosMetadata.previousAttempts].flatMap { Int($0) } ?? 0) + 1
    }

    /// Chance that belongs to the attempt, for one purpose.
    func random(_ purpose: String, seed: UInt64) -> KeyedRandom {
        KeyedRandom(seed: seed).keyed(purpose).keyed(load).keyed(index).keyed(attempt)
    }
}
