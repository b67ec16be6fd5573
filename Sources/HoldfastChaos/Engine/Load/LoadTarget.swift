import HoldfastRPC

/// What a load calls.
protocol LoadTarget: Sendable {
    /// Makes the call of that number, until it has been answered or has failed.
    nonisolated(nonsending) func call(_ index: Int, _ options: CallOptions) async throws -> LoadAnswer
}

/// What a caller learns from an answer.
struct LoadAnswer: Sendable {
    /// The step of the fallback that gave it; nil for the main path.
    var fallbackStep: String?
    /// Whether it belongs to another request.
    var hasWrongData = false
}
