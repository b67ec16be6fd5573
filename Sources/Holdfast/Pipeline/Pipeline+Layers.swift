extension Pipeline {
    /// What one part of a divided pipeline must know of the other, to say what the whole would say.
    struct Surroundings: Sendable {
        /// Whether there are such further out.
        var hasTimeout = false
        var hasRetry = false
        /// Whether there is a timeout further in.
        var hasTimeoutInside = false
    }

    /// A pipeline cut in two at a policy that runs what is inside it beside something else.
    @usableFromInline
    final class Layers: Sendable {
        /// The policy at the cut.
        @usableFromInline
        enum Kind: Sendable {
            /// - Parameter isAccounted: whether a retry further out tells the hedge's budget of the call.
            case hedge(Hedge, isAccounted: Bool)
            /// A timeout that does not wait for the end of what it cancels.
            case abandoning(Timeout, TimeoutError.Scope)
        }

        @usableFromInline let outer: Pipeline
        @usableFromInline let kind: Kind
        @usableFromInline let inner: Pipeline

        /// Cuts at the outermost such policy; nil if there is none.
        /// - Parameter abandonable: whether the operation can be left behind.
        init?(_ name: String, _ stages: [Stage], _ timeSource: TimeSource, _ surroundings: Surroundings, abandonable: Bool) {
            var passed = surroundings
            for (index, stage) in stages.enumerated() {
                let outside = stages[..<index]
                switch stage {
                case .hedge(let hedge):
                    let isAccounted = outside.contains { if case .retry(let retry) = $0 { retry.budget === hedge.budget } else { false } }
                    kind = .hedge(hedge, isAccounted: isAccounted)
                case .timeout(let timeout) where abandonable && timeout.configuration.onExpiry == .abandon:
                    kind = .abandoning(timeout, passed.hasTimeout ? .attempt : .total)
                    passed.hasTimeout = true
                case .timeout:
                    passed.hasTimeout = true
                    continue
                case .retry:
                    passed.hasRetry = true
                    continue
                case .gate, .chaos:
                    continue
                }
                var around = surroundings
                around.hasTimeoutInside =
                    surroundings.hasTimeoutInside || stages[index...].contains { if case .timeout = $0 { true } else { false } }
                outer = Pipeline(name, Array(outside), timeSource, around)
                inner = Pipeline(name, Array(stages[(index + 1)...]), timeSource, passed)
                return
            }
            return nil
        }
    }
}
