extension Pipeline {
    /// A pipeline cut in two at a policy that runs what is inside it beside something else.
    @usableFromInline
    final class Layers: Sendable {
        /// The policy at the cut.
        @usableFromInline
        enum Kind: Sendable {
            /// - Parameter isAccounted: whether a retry further out tells the hedge's budget of the call.
            case hedge(Hedge, isAccounted: Bool)
        }

        @usableFromInline let outer: Pipeline
        @usableFromInline let kind: Kind
        @usableFromInline let inner: Pipeline

        /// Cuts at the outermost such policy; nil if there is none.
        init?(_ name: String, _ stages: [Stage], _ timeSource: TimeSource) {
            for (index, stage) in stages.enumerated() {
                guard case .hedge(let hedge) = stage else { continue }
                outer = Pipeline(name, Array(stages[..<index]), timeSource: timeSource)
                let isAccounted = stages[..<index].contains { if case .retry(let retry) = $0 { retry.budget === hedge.budget } else { false } }
                kind = .hedge(hedge, isAccounted: isAccounted)
                inner = Pipeline(name, Array(stages[(index + 1)...]), timeSource: timeSource)
                return
            }
            return nil
        }
    }
}
