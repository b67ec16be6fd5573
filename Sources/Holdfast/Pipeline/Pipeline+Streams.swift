/// What a stream must know of its pipeline, whose attempts it makes itself.
extension Pipeline {
    /// A pipeline cut in two at its outermost hedge.
    package struct Division: Sendable {
        /// What stands around the hedge.
        package let outer: Pipeline
        /// The hedge.
        package let hedge: Hedge
        /// Whether a retry in ``outer`` tells the hedge's budget of the call.
        package let isAccounted: Bool
        /// What each of the hedge's attempts passes.
        package let inner: Pipeline
    }

    /// The two parts on either side of the outermost hedge; nil without one.
    package var division: Division? {
        guard let layers, case .hedge(let hedge, let isAccounted) = layers.kind else { return nil }
        return Division(outer: layers.outer, hedge: hedge, isAccounted: isAccounted, inner: layers.inner)
    }

    /// Whether attempts may be under way beside others.
    package var isHedged: Bool { layers != nil }
}
